// Proofs of single entries: on a payslip, of all its lines; on the page of one entry or one proof, step by step. What the page shows of an
// entry stands in data attributes, and is compared with the leaf that the receipt proves.
//
//   <… data-proof="NUMBER" [data-pay data-credited] [data-amount data-kind] [data-salt data-worker data-key]>
//     <button data-verify hidden>, <ol class="steps">, <… data-says hidden>, <dl data-hashes hidden>
//   <section data-proofs> around several: <button data-verify-all hidden>, <… data-says-all hidden>

import { base64, commitment, decodeLeaf, leafHash, readReceipt, rootFromProof, same } from './log.js'
import { Steps, checkKey, compareKeyWithLastVisit, compareWithLastVisit, fetched, hindrance, icon, lang, opened, plural, remember, signature } from './steps.js'


/** The receipt of one entry and its checkpoint. Checkpoints that were opened already are opened once. */
async function receiptOf(number, checkpoints = new Map()) {
  const receipt = readReceipt(await fetched(`receipt/${number}`, 'text'))
  if (!checkpoints.has(receipt.note)) checkpoints.set(receipt.note, await opened(receipt.note))
  return { ...receipt, ...checkpoints.get(receipt.note) }
}

async function isIncluded({ leaf, index, proof, checkpoint }, number) {
  if (index !== number - 1) return { good: false, say: `The receipt is for entry ${index + 1}.` }
  return same(await rootFromProof(leaf, index, checkpoint.size, proof), checkpoint.root)
    ? { good: true, say: `${plural(proof.length, 'hash leads', 'hashes lead')} from it to the root of ${plural(checkpoint.size, 'entry', 'entries')}.` }
    : { good: false, say: 'The hashes do not lead from it to the signed root: it was changed, or it is not there.' }
}

/** Whether the leaf says what the page says. */
function saysTheSame({ leaf }, shown) {
  const entry = decodeLeaf(leaf)
  const amount = entry.postings.reduce((sum, p) => p.amount > 0n ? sum + p.amount : sum, 0n)
  const differs = [
    ['number', BigInt(entry.number), shown.proof],
    ['pay', entry.pay?.pay, shown.pay],
    ['time credited', entry.pay?.credited, shown.credited],
    ['amount', amount, shown.amount]
  ].find(([, signed, page]) => page !== undefined && signed !== BigInt(page))
  if (differs) return { good: false, say: `The ${differs[0]} that was signed is another than this page shows.` }
  return shown.kind && entry.kind !== shown.kind ? { good: false, say: 'It is of another kind than this page shows.' } : { good: true, say: 'Pay and time, to the millionth and the millisecond.' }
}

async function isYours({ leaf }, { salt, worker, key }) {
  return await commitment(salt, worker, key) === decodeLeaf(leaf).commitment
    ? { good: true, say: 'Your salt opens its commitment. Nobody can do that without it.' }
    : { good: false, say: 'Your salt does not open its commitment: the entry is somebody else’s.' }
}

/** One proof, step by step. */
async function verifyOne(place) {
  const shown = place.dataset
  const number = Number(shown.proof)
  const steps = new Steps(place.querySelector('.steps'))
  let receipt
  if (hindrance) await steps.run('Your browser can check hashes', async () => ({ good: false, say: hindrance }))
  else
    await steps.run('The checkpoint carries the ledger’s signature', async () => {
      receipt = await receiptOf(number)
      return signature(receipt.checkpoint)
    })
  if (receipt) {
    const believed = await checkKey(steps, receipt.key)
    await steps.run('Nothing was changed since your last visit', () => compareWithLastVisit(receipt.checkpoint))
    await steps.run(`Entry ${number.toLocaleString(lang)} is in the signed ledger`, () => isIncluded(receipt, number))
    await steps.run('It says what this page says', async () => saysTheSame(receipt, shown))
    if (shown.salt) await steps.run('It is yours', () => isYours(receipt, shown))
    if (believed && !steps.wrong.length) remember(receipt.key, receipt.checkpoint)
    await showHashes(place.querySelector('[data-hashes]'), receipt)
  }
  say(place.querySelector('[data-says]'), steps.wrong.map(s => `“${s.title}” is not so: ${s.say}`), `${steps.right.length} of ${steps.steps.length} right, checked by your browser.`)
  place.dataset.result = steps.wrong.length ? 'wrong' : 'right'
}

async function showHashes(list, { leaf, proof, checkpoint }) {
  if (!list) return
  const rows = [['Leaf', await leafHash(leaf)], ...proof.map((hash, i) => [`Beside it, ${i + 1}`, hash]), ['Root', checkpoint.root]]
  list.replaceChildren(...rows.map(([name, hash]) => {
    const row = document.createElement('div')
    const [dt, dd] = ['dt', 'dd'].map(tag => document.createElement(tag))
    dt.textContent = name
    dd.className = 'mono long'
    dd.textContent = base64(hash)
    row.append(dt, dd)
    return row
  }))
  list.closest('[hidden]')?.removeAttribute('hidden')
}

/** All proofs of a payslip: a mark at each line, one sentence for all. */
async function verifyAll(section) {
  const places = [...section.querySelectorAll('[data-proof]')]
  const checkpoints = new Map()
  const wrong = []
  let unsigned = false
  if (hindrance) wrong.push(`Your browser cannot check hashes. ${hindrance}`)
  else await each(places, 6, async place => {
    const number = Number(place.dataset.proof)
    const failure = await (async () => {
      const receipt = await receiptOf(number, checkpoints)
      unsigned ||= receipt.checkpoint.signed === null
      const results = [signature(receipt.checkpoint), await isIncluded(receipt, number), saysTheSame(receipt, place.dataset), await isYours(receipt, place.dataset)]
      return results.find(r => r.good === false)?.say
    })().catch(e => e.message)
    place.querySelector('.i')?.remove()
    place.prepend(icon(!failure))
    place.dataset.result = failure ? 'wrong' : 'right'
    if (failure) wrong.push(`Entry ${number.toLocaleString(lang)}: ${failure}`)
  })
  const newest = [...checkpoints.values()].sort((a, b) => b.checkpoint.size - a.checkpoint.size)[0]
  let unnamed = ''
  if (newest) {
    const [named, since] = await Promise.all([compareKeyWithLastVisit(newest.key), compareWithLastVisit(newest.checkpoint)]
      .map(check => check.catch(e => ({ good: false, say: e.message }))))
    for (const each of [named, since]) if (each?.good === false) wrong.push(each.say)
    if (named?.good === null) unnamed = ` ${named.say}`
    else if (!wrong.length) remember(newest.key, newest.checkpoint)
  }
  const signed = unsigned ? ' This browser has no Ed25519, so it could not check the signature.' : ''
  say(section.querySelector('[data-says-all]'), wrong, `${plural(places.length, 'proof holds', 'proofs hold')}: each entry is in the signed ledger, pays what stands here, and only your salt opens it.${signed}${unnamed}`)
  section.dataset.result = wrong.length ? 'wrong' : 'right'
}

async function each(items, atOnce, work) {
  const left = [...items]
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (left.length) await work(left.shift())
  }))
}

function say(element, wrong, good) {
  element.hidden = false
  element.classList.toggle('bad', wrong.length > 0)
  const words = document.createElement('div')
  for (const text of wrong.length ? [...wrong.slice(0, 3), 'Keep this page, and show it to other members.'] : [good]) {
    const line = document.createElement('p')
    line.textContent = text
    words.append(line)
  }
  element.replaceChildren(icon(!wrong.length), words)
}

const offer = within => within.querySelectorAll?.('[data-verify][hidden],[data-verify-all][hidden]').forEach(button => { button.hidden = false })
offer(document)
document.addEventListener('htmx:load', e => offer(e.target))
document.addEventListener('click', async e => {
  const button = e.target.closest('[data-verify],[data-verify-all]')
  if (!button || button.getAttribute('aria-disabled')) return
  button.setAttribute('aria-disabled', 'true')
  if (button.matches('[data-verify]')) await verifyOne(button.closest('[data-proof]'))
  else await verifyAll(button.closest('[data-proofs]'))
  button.removeAttribute('aria-disabled')
})
