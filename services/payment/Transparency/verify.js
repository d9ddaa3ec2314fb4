// "Verify" on the public ledger: checks the page against the signed log, step by step, in words. It remembers the last checkpoint that it saw.

import { Tree, base64, computePay, decodeLeaf, followHandovers, openCheckpoint, parseKey, same } from './log.js'

const box = document.getElementById('verify')
const remembered = 'marketplace.checkpoint'

const fetched = async (path, kind) => {
  const response = await fetch(`/log/${path}`, { cache: path === 'checkpoint' ? 'no-store' : 'default' })
  if (!response.ok) throw new Error(`The log did not answer for ${path}.`)
  return kind === 'text' ? response.text() : new Uint8Array(await response.arrayBuffer())
}

const plural = (n, one, many) => `${n.toLocaleString(document.documentElement.lang)} ${n === 1 ? one : many}`

class Checks {
  steps = []

  async run(title, step) {
    let result
    try {
      result = await step()
    } catch (failure) {
      result = { good: false, say: failure.message }
    }
    this.steps.push({ title, ...result })
    show(this.steps)
    return result
  }
}

async function verify() {
  const started = performance.now()
  const checks = new Checks()
  let key, checkpoint, tree

  await checks.run('The checkpoint carries the ledger’s signature', async () => {
    key = await parseKey(await fetched('key', 'text'))
    checkpoint = await openCheckpoint(await fetched('checkpoint', 'text'), key)
    tree = new Tree(checkpoint.size, path => fetched(path))
    if (!same(await tree.root([0, checkpoint.size]), checkpoint.root)) return { good: false, say: 'The log’s own hashes do not lead to its signed root.' }
    if (checkpoint.signed === null) return { good: null, say: 'This browser has no Ed25519, so the signature was not checked. Everything below was. Your own tools can check it.' }
    return checkpoint.signed
      ? { good: true, say: `Nobody without the key could have issued it.${checkpoint.witnesses ? ` ${plural(checkpoint.witnesses, 'witness', 'witnesses')} signed the same one.` : ''}` }
      : { good: false, say: 'The signature is not by the ledger’s key. Do not trust what this server shows.' }
  })
  if (!checkpoint) return finish(checks, started)

  await checks.run('Nothing was changed since your last visit', () => compareWithLastVisit(key, checkpoint, tree))
  const entries = []
  await checks.run('Every entry on this page is in the signed ledger', () => findEntries(entries, checkpoint, tree))
  await checks.run('The pay on this page was computed again', () => computeAgain(entries, tree))
  await checks.run('Debits equal credits', async () => {
    const wrong = entries.filter(e => e.postings.reduce((sum, p) => sum + p.amount, 0n) !== 0n)
    return wrong.length
      ? { good: false, say: `Entry ${wrong[0].number} does not balance.` }
      : { good: true, say: `In each of the ${plural(entries.length, 'entry', 'entries')}.` }
  })
  if (checks.steps.every(s => s.good !== false)) localStorage.setItem(remembered, JSON.stringify({ key: key.text, note: checkpoint.note, at: Date.now() }))
  finish(checks, started, checkpoint)
}

async function compareWithLastVisit(key, checkpoint, tree) {
  const saved = localStorage.getItem(remembered)
  if (!saved) return { good: true, say: 'This is your first visit. From now on this browser remembers what it saw.' }
  const last = JSON.parse(saved)
  const lastKey = await parseKey(last.key)
  const followed = await followHandovers(last.key === key.text ? '' : await fetched('key/handovers', 'text'), lastKey, key)
  if (followed === false) return { good: false, say: 'The ledger’s key is another than at your last visit, and the old key does not name it. Ask the cooperative whether it announced that.' }
  if (followed === null) return { good: null, say: 'The ledger’s key is another than at your last visit, and this browser has no Ed25519 to check who named it.' }
  const before = await openCheckpoint(last.note, lastKey)
  const day = new Date(last.at).toLocaleDateString(document.documentElement.lang, { day: 'numeric', month: 'long' })
  if (before.size > checkpoint.size) return { good: false, say: `The ledger has ${checkpoint.size} entries and had ${before.size} on ${day}. Entries are missing.` }
  return same(await tree.root([0, before.size]), before.root)
    ? { good: true, say: `The ${plural(before.size, 'entry', 'entries')} you saw on ${day} are all still there, in the same order.` }
    : { good: false, say: `The entries that you saw on ${day} were changed since. Keep this page and show it to other members.` }
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
  return { good: true, say: `${plural(entries.length, 'entry', 'entries')}, each led to the signed root by up to ${hashes} hashes.${newer ? ` ${newer} newer than the checkpoint: verify again in a second.` : ''}` }
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

const mark = { true: 'check', false: 'warning', null: 'info' }

function show(steps) {
  const list = box.querySelector('.steps')
  box.hidden = false
  list.replaceChildren(...steps.map(({ title, good, say }) => {
    const item = document.createElement('li')
    item.className = good === false ? 'wrong' : 'fine'
    item.append(box.querySelector(`template[data-icon=${mark[good]}]`).content.cloneNode(true))
    const words = document.createElement('div')
    const name = document.createElement('b')
    name.textContent = title
    const detail = document.createElement('p')
    detail.className = 'small hush'
    detail.textContent = say
    words.append(name, detail)
    item.append(words)
    return item
  }))
}

function finish({ steps }, started, checkpoint) {
  const good = steps.filter(s => s.good === true).length
  const bad = steps.filter(s => s.good === false)
  const lang = document.documentElement.lang
  const seconds = ((performance.now() - started) / 1000).toLocaleString(lang, { maximumFractionDigits: 1 })
  box.querySelector('h2').textContent = bad.length ? `Your browser checked it: ${bad.length} of ${steps.length} wrong` : `Your browser checked it: ${good} of ${steps.length} right`
  box.querySelector('[data-when]').textContent = bad.length
    ? `“${bad[0].title}” is not so: ${bad[0].say} Keep this page, and show it to the members.`
    : `Today at ${new Date().toLocaleTimeString(lang, { hour: '2-digit', minute: '2-digit' })}, in ${seconds} seconds, without trusting this server.`
  box.classList.toggle('bad', bad.length > 0)
  if (checkpoint) {
    box.querySelector('[data-size]').textContent = checkpoint.size.toLocaleString(lang)
    // A hash has no place of its own to break at.
    box.querySelector('[data-root]').replaceChildren(...base64(checkpoint.root).match(/.{1,11}/g).flatMap(part => [part, document.createElement('wbr')]))
  }
  box.hidden = false
  box.dataset.result = bad.length ? 'wrong' : 'right'
}

const button = document.getElementById('verify-button')
button.hidden = false
button.addEventListener('click', async () => {
  button.setAttribute('aria-disabled', 'true')
  box.hidden = false
  if (globalThis.crypto?.subtle) await verify()
  else finish({ steps: [{ title: 'Your browser can check hashes', good: false, say: 'It allows that only over https or on this machine.' }] }, performance.now())
  button.removeAttribute('aria-disabled')
})
