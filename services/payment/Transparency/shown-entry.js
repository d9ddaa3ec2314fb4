// One entry as a page shows it to the eye, compared with its leaf.

import { exact, shownBy, shows, span } from './shown.js'

const names = {
  'assignment-paid': 'Assignment paid', 'job-funded': 'Job funded', 'escrow-returned': 'Escrow returned', deposit: 'Deposit', 'payout-issued': 'Payout issued',
  'payout-settled': 'Payout settled', 'payout-failed': 'Payout failed', 'payout-returned': 'Payout returned', 'policy-adopted': 'Pay policy adopted'
}

const amountOf = entry => entry.postings.reduce((sum, p) => p.amount > 0n ? sum + p.amount : sum, 0n)
const nameOf = (entry, amount) => entry.kind === 'assignment-paid' && amount === 0n ? 'Assignment ended, nothing owed' : names[entry.kind]

/** What a line of the list, opened or not, shows otherwise than its leaf says; null where it shows the same. */
export function differs(line, entry) {
  const amount = amountOf(entry)
  if (!shows(line.querySelector('summary > span:first-child'), String(entry.number))) return 'number'
  if (!shows(line.querySelector('summary b'), nameOf(entry, amount))) return 'kind'
  if (!shows(line.querySelector('summary > .push'), exact(amount))) return 'amount'
  return detailDiffers(line, entry)
}

/** The same of an entry's page. */
export function pageDiffers(page, entry) {
  const amount = amountOf(entry)
  const heading = page.querySelector('h1')
  if (heading && !shows(heading, `Entry ${entry.number}`)) return 'number'
  if (heading && !shows(heading.parentElement.querySelector('.push'), exact(amount))) return 'amount'
  return detailDiffers(page, entry)
}

/** What the page says of postings and pay, where it is open. */
function detailDiffers(within, entry) {
  const postings = within.querySelector('[aria-label=Postings] table')
  if (postings) {
    const column = place => [...postings.querySelectorAll(`tbody td:nth-child(${place})`)].map(shownBy).filter(Boolean).sort()
    const signed = side => entry.postings.map(p => p.amount * side).filter(amount => amount > 0n).map(exact).sort()
    if (String(column(2)) !== String(signed(1n)) || String(column(3)) !== String(signed(-1n))) return 'postings'
  }
  const pay = entry.pay && within.querySelector('[aria-label="How the pay was computed"]')
  if (!pay) return null
  const { end, limit, reading, credited, owed, topUp, pay: paid, reward } = entry.pay
  const lines = {
    End: end, Limit: span(limit), Credited: span(credited), Owed: exact(owed), Reward: exact(end === 'submitted' ? reward : 0n), 'Top-up': exact(topUp), Pay: exact(paid),
    ...entry.facts ? { Active: span(entry.facts.active), Asked: span(entry.facts.unseen), Reading: span(entry.facts.first ? reading : 0n) } : { Reading: span(reading) }
  }
  for (const line of pay.querySelectorAll('dl > div')) {
    const written = lines[shownBy(line.querySelector('dt')).match(/^[A-Z][a-z-]+/)?.[0]]
    const shown = shownBy(line.querySelector('dd'))
    if (written !== undefined && shown !== written && !shown.startsWith(`${written} `)) return `“${shownBy(line.querySelector('dt'))}”`
  }
  return null
}
