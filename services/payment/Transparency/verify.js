// "Verify" on the public ledger: checks what the page shows to the eye against the signed log, step by step, in words; and says of what it
// could not check that it did not.

import { canBeCredited, computePay, creditedOf, decodeLeaf, misplaced } from './leaf.js'
import { Tree, base64, same } from './log.js'
import { balance, exact, shownBy, shows } from './shown.js'
import { differs } from './shown-entry.js'
import { Steps, checkKey, compareWithLastVisit, fetched, hindrance, lang, opened, plural, remember, signature } from './steps.js'

const box = document.getElementById('verify')

/** Of more entries a browser would take too long to add all up; the auditor does it for any number. */
const MOST_TO_ADD_UP = 20_000

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
  await steps.run('Debits equal credits', onThem(() => balanced(entries)))
  await steps.run('The figures on this page are the sums of all entries', () => addAllUp(tree))
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
    const wrong = entry.number === number ? differs(shown, entry) : 'number'
    if (wrong) return { good: false, say: `The page shows the ${wrong} of entry ${number} in another way than the signed ledger has it.` }
    entries.push(entry)
  }
  const inOrder = [...entries].sort((a, b) => a.number - b.number)
  const place = inOrder.map((entry, i) => inOrder[i - 1]?.number === entry.number - 1 ? misplaced(entry, inOrder[i - 1]) : null).find(Boolean)
  if (place) return { good: false, say: place }
  const hashes = Math.ceil(Math.log2(Math.max(2, checkpoint.size)))
  const what = 'Number, kind and amount were read off the page as you see them; titles, rails and times of day were not compared.'
  return { good: true, say: `${plural(entries.length, 'entry', 'entries')}, each led to the signed root by up to ${plural(hashes, 'hash', 'hashes')}. ${what}${newer ? ` ${newer} newer than the checkpoint, which waits for witnesses: verify again in a few seconds.` : ''}` }
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
    if (!canBeCredited(entry.pay) || (entry.facts && !creditedOf(entry.pay, entry.facts, policy.grace).includes(entry.pay.credited))) return { good: false, say: `Entry ${entry.number} credits another time than the rule does.` }
    const worker = entry.postings.find(p => p.account === 'liabilities:workers:payable')
    if ((worker ? -worker.amount : 0n) !== entry.pay.pay) return { good: false, say: `Entry ${entry.number} moves another amount than the pay it computes.` }
  }
  if (!paid.length) return { good: true, say: 'No assignment is on this page.' }
  const hidden = paid.some(e => !e.facts) ? ' How the credited time followed from a person’s day is theirs to check, with their receipt.' : ''
  return { good: true, say: `${plural(paid.length, 'assignment', 'assignments')}. None is under the floor, and none differs by a millionth.${hidden}` }
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

async function balanced(entries) {
  const wrong = entries.find(e => e.postings.reduce((sum, p) => sum + p.amount, 0n) !== 0n)
  return wrong ? { good: false, say: `Entry ${wrong.number} does not balance.` } : { good: true, say: `In each of the ${plural(entries.length, 'entry', 'entries')} of this page.` }
}

/** The trial balance and what else is a sum, over all entries that the page was made of. */
async function addAllUp(tree) {
  const size = Number(box.dataset.entries)
  const tooMany = `There are ${plural(size, 'entry', 'entries')}: too many to add up in a browser. So the trial balance, the figures and the charts of this page were not checked. The auditor checks them.`
  if (size > MOST_TO_ADD_UP) return { good: null, say: tooMany }
  if (size > tree.size) return { good: null, say: 'The page is newer than the checkpoint, which waits for witnesses: verify again in a few seconds. Its trial balance, figures and charts were not checked.' }
  const entries = (await tree.leaves()).slice(0, size).map(decodeLeaf)
  const sums = sumsOf(entries)
  const table = document.getElementById('trial-balance')
  const wrong = wrongBalance(table, sums.accounts) ?? wrongFigure(sums)
  if (wrong) return { good: false, say: `${wrong}.` }
  return {
    good: true,
    say: `Of all ${plural(size, 'entry', 'entries')}: each line and the total of the trial balance, what was paid to people, the lowest hourly pay, and where a requester’s money went. `
      + 'Not checked, because it counts people or mixes those of several and no entry says whose it is: the typical hourly pay, the lowest tenth, how many people, the bars of hourly pay, pay over time, payouts by state.'
  }
}

/** A job’s or requester’s account stands in one line with all of its kind. */
const lineOf = account => account.replace(/^(liabilities:(?:requester|job)):[^:]+:/, '$1:…:')

function sumsOf(entries) {
  const sums = { accounts: new Map(), arrived: 0n, reward: 0n, topUp: 0n, fee: 0n, levy: 0n, lowest: null }
  for (const { kind, postings, pay } of entries) {
    for (const { account, amount } of postings) sums.accounts.set(lineOf(account), (sums.accounts.get(lineOf(account)) ?? 0n) + amount)
    if (kind === 'payout-settled' || kind === 'payout-returned') {
      const moved = postings.reduce((sum, p) => p.amount > 0n ? sum + p.amount : sum, 0n)
      sums.arrived += kind === 'payout-settled' ? moved : -moved
    }
    if (!pay) continue
    sums.reward += pay.pay - pay.topUp
    sums.topUp += pay.topUp
    sums.fee += pay.fee
    sums.levy += pay.levy
    const hourly = pay.credited > 0n ? pay.pay * 3_600_000n / pay.credited : null
    if (hourly !== null && (sums.lowest === null || hourly < sums.lowest)) sums.lowest = hourly
  }
  return sums
}

/** What is wrong in the trial balance, as its text is: an amount, a line too many or one that is missing, the total. */
function wrongBalance(table, accounts) {
  const left = new Map(accounts)
  const total = [0n, 0n]
  for (const row of table.querySelectorAll('tbody tr')) {
    const account = shownBy(row.querySelector('.mono')).replaceAll(' ', '')
    const sum = left.get(account) ?? 0n
    left.delete(account)
    total[sum > 0n ? 0 : 1] += sum
    const [debit, credit] = [...row.querySelectorAll('td')].slice(-2).map(shownBy)
    const [inUse, other] = debit === '' ? [credit, debit] : [debit, credit]
    if (other !== '' || inUse !== exact(sum < 0n ? -sum : sum) || (sum !== 0n && (debit === '') !== sum < 0n)) return `${account} is shown as ${inUse}, and its entries sum to ${exact(sum)}`
  }
  for (const [account, sum] of left) if (sum !== 0n) return `${account} is not shown, and its entries sum to ${exact(sum)}`
  const [debits, credits] = [...table.querySelectorAll('tfoot td')].slice(-2)
  return shows(debits, exact(total[0])) && shows(credits, exact(-total[1])) ? null : 'The total of the trial balance is not the sum of its lines'
}

/** What is wrong in the sums beside it; what a page does not show is not looked for. */
function wrongFigure({ accounts, arrived, reward, topUp, fee, levy, lowest }) {
  const [onTheWay, onBalances] = ['in-transit', 'payable'].map(name => -(accounts.get(`liabilities:workers:${name}`) ?? 0n))
  const figures = [
    ['[aria-labelledby=hl] > dl.lines dd', [arrived, onTheWay, onBalances, arrived + onTheWay + onBalances].map(exact)],
    ['[aria-labelledby=hl] > dl.figures dd', lowest === null ? [] : [balance(lowest)]],
    ['[aria-labelledby=eu] td.num:nth-child(2)', [reward, topUp, fee, levy, reward + topUp + fee + levy].map(exact)]
  ]
  for (const [selector, proven] of figures) {
    const shown = [...document.querySelectorAll(selector)]
    const at = shown.length ? proven.findIndex((written, i) => !shows(shown[i], written)) : -1
    if (at >= 0) return `The page shows ${shown[at] ? shownBy(shown[at]) : 'nothing'} where the entries come to ${proven[at]}`
  }
  return null
}

function finish(steps, started, checkpoint) {
  const { wrong, right } = steps
  const all = steps.steps.length
  const seconds = ((performance.now() - started) / 1000).toLocaleString(lang, { maximumFractionDigits: 1 })
  box.querySelector('h2').textContent = wrong.length ? `Your browser checked it: ${wrong.length} of ${all} wrong` : `Your browser checked it: ${right.length} of ${all} right`
  box.querySelector('[data-when]').textContent = wrong.length
    ? `“${wrong[0].title}” is not so: ${wrong[0].say} Keep this page, and show it to the members.`
    : `Today at ${new Date().toLocaleTimeString(lang, { hour: '2-digit', minute: '2-digit' })}, in ${seconds} seconds, by the script that this server gave it. If one line had failed, this box would say which, and what to do.`
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
