// Proofs of single entries: on a payslip, of all its lines; on the page of one entry or one proof, step by step. What is shown of an entry is
// read off the page as the eye reads it, and compared with the leaf that the receipt proves.
//
//   <… data-proof="NUMBER">, of a public entry; or, of a worker's own,
//   <… data-receipt="ADDRESS" data-pay data-credited data-salt data-worker data-key>, around or beside what shows them in [data-shown=pay|credited|…]
//     <button data-verify hidden>, <ol class="steps">, <… data-says hidden>, <dl data-hashes hidden>
//   <section data-proofs> around several: <button data-verify-all hidden>, <… data-says-all hidden>

import { canBeCredited, creditedOf, decodeLeaf } from './leaf.js'
import { base64, commitment, factsCommitment, hex, leafHash, readReceipt, rootFromProof, same } from './log.js'
import { pageDiffers } from './shown-entry.js'
import { exact, shownBy, shows, span } from './shown.js'
import { NotYet, Steps, checkKey, compareKeyWithLastVisit, compareWithLastVisit, fetched, hindrance, icon, lang, opened, plural, remember, signature } from './steps.js'

/** The receipt of an entry and its checkpoint. Checkpoints that were opened already are opened once. */
async function receiptOf(address, checkpoints = new Map()) {
  const receipt = readReceipt(await fetched(address, 'text'))
  if (!checkpoints.has(receipt.note)) checkpoints.set(receipt.note, await opened(receipt.note))
  return { ...receipt, ...checkpoints.get(receipt.note), entry: decodeLeaf(receipt.leaf) }
}

async function isIncluded({ leaf, entry, index, proof, checkpoint }, number) {
  if (index !== entry.number - 1 || (number && number !== entry.number)) return { good: false, say: `The receipt is for entry ${index + 1}.` }
  return same(await rootFromProof(leaf, index, checkpoint.size, proof), checkpoint.root)
    ? { good: true, say: `${plural(proof.length, 'hash leads', 'hashes lead')} from it to the root of ${plural(checkpoint.size, 'entry', 'entries')}.` }
    : { good: false, say: 'The hashes do not lead from it to the signed root: it was changed, or it is not there.' }
}

/** Whether the leaf says what a worker's page says: each [data-shown] to the eye, and what the page knows itself. */
function saysTheSame({ entry, facts }, place) {
  const within = place.matches('.proof') ? place.closest('tr') : document
  const time = facts ?? entry.facts ?? {}
  const proven = {
    pay: [entry.pay?.pay, exact], credited: [entry.pay?.credited, span], limit: [entry.pay?.limit, span], reading: [entry.pay?.reading, span],
    active: [time.active, span], unseen: [time.unseen, span], 'allowance-left': [time.allowanceLeft, span], wall: [time.wall, span]
  }
  for (const shown of within.querySelectorAll('[data-shown]')) {
    const [signed, written] = proven[shown.dataset.shown]
    if (signed !== undefined && !shows(shown, written(signed))) return { good: false, say: `This page shows ${shownBy(shown)} where the entry has ${written(signed)} (${shown.dataset.shown}).` }
  }
  const differs = [['pay', entry.pay?.pay], ['credited', entry.pay?.credited]].find(([name, signed]) => signed !== BigInt(place.dataset[name]))
  return differs ? { good: false, say: `The ${differs[0]} that was signed is another than this page knows.` } : { good: true, say: 'Pay and time, as you read them here.' }
}

/** Whether the leaf says what the page of a public entry shows. */
function showsTheSame({ entry }, place) {
  const wrong = pageDiffers(place.closest('details.entry') ?? document.querySelector('main') ?? document, entry)
  return wrong ? { good: false, say: `The page shows its ${wrong} in another way than it was signed.` }
    : { good: true, say: 'Its amounts and what the pay was computed from, read off the page as you see them. Titles, days and hours were not compared.' }
}

async function isYours({ entry, opening }, { salt, worker, key }) {
  if (opening && (opening.worker !== worker || opening.key !== key || hex(opening.salt) !== salt)) return { good: false, say: 'The receipt opens it in another way than this page does.' }
  return await commitment(salt, worker, key) === entry.commitment
    ? { good: true, say: 'Your salt opens its commitment. Nobody can do that without it.' }
    : { good: false, say: 'Your salt does not open its commitment: the entry is somebody else’s.' }
}

/** Whether the time credited follows from the work: by the facts that the leaf is committed to, or has itself. */
async function followsFromWork({ entry, opening, facts }) {
  if (!entry.pay || !canBeCredited(entry.pay)) return { good: false, say: 'It credits a time that cannot be.' }
  if (entry.factsCommitment && facts && await factsCommitment(opening.salt, opening.facts) !== entry.factsCommitment) return { good: false, say: 'The times in the receipt are not those that the entry is committed to.' }
  const known = entry.facts ?? facts
  if (!known) return { good: null, say: 'The receipt does not say how long you worked.' }
  if (!creditedOf(entry.pay, known).includes(entry.pay.credited)) return { good: false, say: 'The time credited does not follow from the time you worked.' }
  return { good: true, say: `From ${span(known.active)} worked, ${span(known.unseen)} asked for and ${span(known.allowanceLeft)} of allowance left.` }
}

/** One proof, step by step. */
async function verifyOne(place) {
  const own = place.dataset.receipt
  const number = Number(place.dataset.proof)
  const steps = new Steps(place.querySelector('.steps'))
  let receipt
  if (hindrance) await steps.run('Your browser can check hashes', async () => ({ good: false, say: hindrance }))
  else
    await steps.run('The checkpoint carries the ledger’s signature', async () => {
      receipt = await receiptOf(own ?? `receipt/${number}`)
      return signature(receipt.checkpoint)
    })
  if (receipt) {
    const believed = await checkKey(steps, receipt.key)
    await steps.run('Nothing was changed since your last visit', () => compareWithLastVisit(receipt.checkpoint))
    await steps.run(`Entry ${receipt.entry.number.toLocaleString(lang)} is in the signed ledger`, () => isIncluded(receipt, number))
    await steps.run('It says what this page says', async () => own ? saysTheSame(receipt, place) : showsTheSame(receipt, place))
    if (own) await steps.run('It is yours', () => isYours(receipt, place.dataset))
    if (own) await steps.run('Its time follows from your work', () => followsFromWork(receipt))
    if (believed && !steps.wrong.length) remember(receipt.key, receipt.checkpoint)
    await showHashes(place.querySelector('[data-hashes]'), receipt)
  }
  const said = receipt || steps.wrong.length ? `${steps.right.length} of ${steps.steps.length} right, checked by your browser with the script that this server gave it.` : steps.steps[0].say
  say(place.querySelector('[data-says]'), steps.wrong.map(s => `“${s.title}” is not so: ${s.say}`), said)
  place.dataset.result = steps.wrong.length ? 'wrong' : receipt ? 'right' : 'later'
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
  const places = [...section.querySelectorAll('[data-receipt]')]
  const checkpoints = new Map()
  const wrong = []
  const later = []
  let unsigned = false
  if (hindrance) wrong.push(`Your browser cannot check hashes. ${hindrance}`)
  else await each(places, 6, async place => {
    const failure = await (async () => {
      const receipt = await receiptOf(place.dataset.receipt, checkpoints)
      unsigned ||= receipt.checkpoint.signed === null
      const results = [
        signature(receipt.checkpoint), await isIncluded(receipt), saysTheSame(receipt, place), await isYours(receipt, place.dataset), await followsFromWork(receipt)
      ]
      const failed = results.find(r => r.good === false)?.say
      return failed && `Entry ${receipt.entry.number.toLocaleString(lang)}: ${failed}`
    })().catch(e => e instanceof NotYet ? void later.push(e.message) ?? null : e.message)
    place.querySelector('.i')?.remove()
    if (failure !== null) place.prepend(icon(!failure))
    place.dataset.result = failure ? 'wrong' : failure === null ? 'later' : 'right'
    if (failure) wrong.push(failure)
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
  say(section.querySelector('[data-says-all]'), wrong, `${plural(places.length - later.length, 'proof holds', 'proofs hold')}: each entry is in the signed ledger, pays what stands here for the time that follows from your work, and only your salt opens it.${later.length ? ` ${plural(later.length, 'is', 'are')} not public yet: ${later[0]}` : ''}${signed}${unnamed} The script that checked it comes from this server.`)
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
  if (button.matches('[data-verify]')) await verifyOne(button.closest('[data-proof],[data-receipt]'))
  else await verifyAll(button.closest('[data-proofs]'))
  button.removeAttribute('aria-disabled')
})
