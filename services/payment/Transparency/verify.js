// "Verify" on the public ledger: checks the page against the signed log, step by step, in words.

import { Tree, base64, computePay, decodeLeaf, same } from './log.js'
import { Steps, checkKey, compareWithLastVisit, fetched, hindrance, lang, opened, plural, remember, signature } from './steps.js'

const box = document.getElementById('verify')

async function verify() {
  const started = performance.now()
  const steps = new Steps(box.querySelector('.steps'))
  let key, checkpoint, tree

  await steps.run('The checkpoint carries the ledger’s signature', async () => {
    ({ key, checkpoint } = await opened(await fetched('checkpoint', 'text')))
    tree = new Tree(checkpoint.size, path => fetched(path))
    return same(await tree.root([0, checkpoint.size]), checkpoint.root) ? signature(checkpoint) : { good: false, say: 'The log’s own hashes do not lead to its signed root.' }
  })
  if (!checkpoint) return finish(steps, started)

  const believed = await checkKey(steps, key)
  await steps.run('Nothing was changed since your last visit', () => compareWithLastVisit(checkpoint, tree))
  const entries = []
  const found = await steps.run('Every entry on this page is in the signed ledger', () => findEntries(entries, checkpoint, tree))
  const onThem = check => found.good === false ? async () => ({ good: null, say: 'An entry is not what was signed, so there is nothing to compute.' }) : check
  await steps.run('The pay on this page was computed again', onThem(() => computeAgain(entries, tree)))
  await steps.run('Debits equal credits', onThem(() => addUp(entries)))
  if (believed && !steps.wrong.length) remember(key, checkpoint)
  finish(steps, started, checkpoint)
}

async function findEntries(entries, checkpoint, tree) {
  let newer = 0
  for (const shown of document.querySelectorAll('details.entry[data-number]')) {
    const number = Number(shown.dataset.number)
    if (number > checkpoint.size) {
      newer++
      continue
    }
    const leaf = await tree.leaf(number - 1)
    if (!same(await tree.rootFrom(leaf, number - 1), checkpoint.root)) return { good: false, say: `Entry ${number} does not lead to the signed root.` }
    const entry = decodeLeaf(leaf)
    const amount = entry.postings.reduce((sum, p) => p.amount > 0n ? sum + p.amount : sum, 0n)
    if (entry.number !== number || entry.kind !== shown.dataset.kind || amount !== BigInt(shown.dataset.amount)) return { good: false, say: `The page shows entry ${number} in another way than the signed ledger has it.` }
    entries.push(entry)
  }
  const hashes = Math.ceil(Math.log2(Math.max(2, checkpoint.size)))
  return { good: true, say: `${plural(entries.length, 'entry', 'entries')}, each led to the signed root by up to ${plural(hashes, 'hash', 'hashes')}.${newer ? ` ${newer} newer than the checkpoint: verify again in a second.` : ''}` }
}

async function computeAgain(entries, tree) {
  const policies = await policiesOf(tree)
  const paid = entries.filter(e => e.pay)
  for (const entry of paid) {
    const policy = policies.get(entry.pay.policy)
    if (!policy) return { good: false, say: `Entry ${entry.number} names pay policy ${entry.pay.policy}, which is not in the ledger.` }
    const expected = computePay(entry.pay, policy)
    const wrong = Object.keys(expected).find(field => expected[field] !== entry.pay[field])
    if (wrong) return { good: false, say: `In entry ${entry.number}, ${wrong} is ${entry.pay[wrong]} and should be ${expected[wrong]}.` }
    const worker = entry.postings.find(p => p.account === 'liabilities:workers:payable')
    if ((worker ? -worker.amount : 0n) !== entry.pay.pay) return { good: false, say: `Entry ${entry.number} moves another amount than the pay it computes.` }
  }
  return { good: true, say: paid.length ? `${plural(paid.length, 'assignment', 'assignments')}. None is under the floor, and none differs by a millionth.` : 'No assignment is on this page.' }
}

/** Pay policies are leaves too; the page names their numbers, the leaves say what they are. */
async function policiesOf(tree) {
  const policies = new Map()
  for (const number of box.dataset.policies.split(',').filter(Boolean).map(Number)) {
    if (number > tree.size) continue
    const leaf = await tree.leaf(number - 1)
    const { policy } = decodeLeaf(leaf)
    if (policy && same(await tree.rootFrom(leaf, number - 1), await tree.root([0, tree.size]))) policies.set(policy.version, policy)
  }
  return policies
}

async function addUp(entries) {
  const wrong = entries.find(e => e.postings.reduce((sum, p) => sum + p.amount, 0n) !== 0n)
  if (wrong) return { good: false, say: `Entry ${wrong.number} does not balance.` }
  const column = place => [...document.querySelectorAll(`#trial-balance tbody td:nth-child(${place}) data`)].reduce((sum, d) => sum + BigInt(d.value.replace('.', '')), 0n)
  return column(3) === column(4)
    ? { good: true, say: `In each of the ${plural(entries.length, 'entry', 'entries')} and in the trial balance.` }
    : { good: false, say: 'The trial balance on this page does not balance.' }
}

function finish(steps, started, checkpoint) {
  const { wrong, right } = steps
  const all = steps.steps.length
  const seconds = ((performance.now() - started) / 1000).toLocaleString(lang, { maximumFractionDigits: 1 })
  box.querySelector('h2').textContent = wrong.length ? `Your browser checked it: ${wrong.length} of ${all} wrong` : `Your browser checked it: ${right.length} of ${all} right`
  box.querySelector('[data-when]').textContent = wrong.length
    ? `“${wrong[0].title}” is not so: ${wrong[0].say} Keep this page, and show it to the members.`
    : `Today at ${new Date().toLocaleTimeString(lang, { hour: '2-digit', minute: '2-digit' })}, in ${seconds} seconds, without trusting this server. If one line had failed, this box would say which, and what to do.`
  box.classList.toggle('bad', wrong.length > 0)
  box.querySelector('dl').hidden = !checkpoint
  if (checkpoint) {
    box.querySelector('[data-size]').textContent = checkpoint.size.toLocaleString(lang)
    // A hash has no place of its own to break at.
    box.querySelector('[data-root]').replaceChildren(...base64(checkpoint.root).match(/.{1,11}/g).flatMap(part => [part, document.createElement('wbr')]))
  }
  box.hidden = false
  box.dataset.result = wrong.length ? 'wrong' : 'right'
  button.querySelector('span').textContent = 'Verify again'
}

const button = document.getElementById('verify-button')
button.hidden = false
button.addEventListener('click', async () => {
  if (button.getAttribute('aria-disabled')) return
  button.setAttribute('aria-disabled', 'true')
  delete box.dataset.result
  box.hidden = false
  if (!hindrance) await verify()
  else {
    const steps = new Steps(box.querySelector('.steps'))
    await steps.run('Your browser can check hashes', async () => ({ good: false, say: hindrance }))
    finish(steps, performance.now())
  }
  button.removeAttribute('aria-disabled')
})
