// The leaf of README.md in both versions, the place of an entry among others, and the pay that it must come to.

import { hex } from './log.js'

/** The fields of a leaf, version 1 or 2. Money and time are BigInt. */
export function decodeLeaf(leaf) {
  const view = new DataView(leaf.buffer, leaf.byteOffset, leaf.byteLength)
  let at = 0
  const take = n => (at += n) - n
  const byte = () => view.getUint8(take(1))
  const count = () => view.getUint16(take(2))
  const int = () => view.getInt32(take(4))
  const long = () => view.getBigInt64(take(8))
  const bytes = () => {
    const n = count()
    return leaf.slice(take(n), at)
  }
  const text = () => new TextDecoder('utf-8', { fatal: true }).decode(bytes())

  const version = byte()
  if (version !== 1 && version !== 2) throw new Error('This leaf is of a version that this page does not know.')
  const number = Number(long())
  const entry = { version, number, batch: version === 1 ? number - 1 : Number(long()), kind: text(), at: long(), currency: text(), key: hex(bytes()) }
  Object.assign(entry, { commitment: hex(bytes()), corrects: Number(long()), job: hex(bytes()) })
  entry.postings = Array.from({ length: count() }, () => ({ account: text(), amount: long() }))
  if (entry.kind === 'assignment-paid') {
    const terms = { end: text(), terms: int(), policy: int(), reward: long(), limit: long(), reading: long() }
    if (version === 1) entry.facts = { active: long(), unseen: long(), allowanceLeft: long(), first: byte() === 1 }
    entry.pay = { ...terms, floor: long(), credited: long(), owed: long(), topUp: long(), pay: long(), fee: long(), levy: long() }
    if (version > 1) entry.factsCommitment = hex(bytes())
  } else if (entry.kind === 'policy-adopted') {
    entry.policy = version === 1 ? firstPolicy(int, long) : policyOf(text())
  } else if (entry.kind.startsWith('payout-')) {
    entry.payout = hex(bytes())
  }
  if (at !== leaf.length) throw new Error(`Entry ${entry.number} has more bytes than fields.`)
  return entry
}

/** Of a policy only what decides about money is named here. */
function firstPolicy(int, long) {
  const version = int()
  long()
  const policy = { version, floor: long(), feeBps: int(), levyBps: int() }
  for (const passOver of [long, int, long, long, long, int, long, long, long, int]) passOver()
  policy.grace = long()
  for (const passOver of [long, int, int, int, int, long]) passOver()
  return policy
}

function policyOf(text) {
  const lines = text.split('\n')
  const named = new Map(lines.slice(0, -1).map(line => line.match(/^([A-Za-z0-9]+)=(0|-?[1-9]\d*)$/)?.slice(1) ?? ['']))
  const names = [...named.keys()]
  if (lines.at(-1) !== '' || named.has('') || names.length !== lines.length - 1 || names.some((name, i) => i > 0 && name <= names[i - 1])) throw new Error('The policy is not written as one is.')
  const of = name => {
    if (!named.has(name)) throw new Error(`The policy does not say its ${name}.`)
    return BigInt(named.get(name))
  }
  return { version: Number(of('version')), floor: of('floorMicrosPerHour'), feeBps: Number(of('feeBps')), levyBps: Number(of('levyBps')), grace: of('graceMs') }
}

/** What is wrong with an entry's place beside the one before it (null for the first): numbers, versions, batches and the order of keys in them. */
export function misplaced(entry, before) {
  if (before && entry.number !== before.number + 1) return `Entry ${entry.number} stands after entry ${before.number}.`
  if (entry.version === 1) return before?.version === 2 ? `Entry ${entry.number} is of an older version than the one before it.` : null
  const goesOn = before?.version === 2 && entry.batch === before.batch
  if (!goesOn && before && entry.batch !== entry.number - 1) return `Entry ${entry.number} names a batch that it is not in.`
  if (goesOn && entry.key <= before.key) return `Entry ${entry.number} stands at a place in its batch that is not its key’s: the order would tell something.`
  return null
}

const least = (...values) => values.reduce((a, b) => b < a ? b : a)
const most = (...values) => values.reduce((a, b) => b > a ? b : a)

/** What the pay must be, computed again from the time credited and the policy that it names. */
export function computePay(pay, policy) {
  const submitted = pay.end === 'submitted'
  const owed = (policy.floor * pay.credited + 3_599_999n) / 3_600_000n
  const counted = submitted ? pay.reward : 0n
  const amount = most(counted, owed)
  const share = bps => submitted ? amount * BigInt(bps) / 10_000n : 0n
  return { floor: policy.floor, owed, topUp: amount - counted, pay: amount, fee: share(policy.feeBps), levy: share(policy.levyBps) }
}

/** Whether a credited time is one that can be at all. */
export const canBeCredited = ({ credited, limit, reading }) => credited >= 0n && credited <= limit + reading

/** The times that may be credited for these facts: one, but of an end without an answer either of two where the policy's grace is not known. */
export function creditedOf(pay, facts, grace) {
  if (facts.wall !== undefined && facts.active + facts.unseen > facts.wall) return []
  const cap = pay.limit + (facts.first ? pay.reading : 0n)
  const base = least(facts.active, cap)
  if (pay.end === 'submitted') return [base + most(0n, least(facts.unseen, cap - base, facts.allowanceLeft))]
  const paid = least(base, facts.allowanceLeft)
  return grace === undefined ? [0n, paid] : [facts.active < grace ? 0n : paid]
}
