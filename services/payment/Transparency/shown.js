// What a page shows to the eye, compared with what was proven, in whatever culture it is shown: the text is asked, and no attribute beside it,
// which nobody reads. Written here are plain numbers, as 1234.567890.

const abs = n => n < 0n ? -n : n
const fixed = (micros, digits) => `${micros < 0n ? '-' : ''}${abs(micros) / 1_000_000n}.${String(abs(micros) % 1_000_000n).padStart(6, '0').slice(0, digits)}`

/** All six digits. */
export const exact = micros => fixed(micros, 6)

/** Two decimals, cut. */
export const balance = micros => fixed(micros, 2)

/** A length of time to the tenth of a second: 1 h 2 min 3.4 s. */
export function span(ms) {
  const [hours, minutes, tenths] = [ms / 3_600_000n, ms % 3_600_000n / 60_000n, ms % 60_000n / 100n]
  const seconds = `${tenths / 10n}${tenths % 10n ? `.${tenths % 10n}` : ''} s`
  return [hours && `${hours} h`, minutes && `${minutes} min`, (tenths || ms < 60_000n) && seconds].filter(Boolean).join(' ')
}

/**
 * A text with every number in it as we write them. Cultures part groups of digits and decimals by other signs, and two programs may hold other
 * editions of one culture. No sign need be known: we never show exactly three decimals, so a last part of three digits is a group.
 */
export function plain(text) {
  return text
    .replace(/[\u200e\u200f\u061c\u00ad]/g, '')
    .replace(/[\u2212\u2013]/g, '-')
    .replace(/\d+(?:[.,'’‘ʼ\u066b\u066c\s\u00a0\u2009\u202f]\d+)+/g, number => {
      const parts = number.split(/\D/)
      const decimals = parts.at(-1).length === 3 ? [] : [parts.pop()]
      return [parts.join(''), ...decimals].join('.')
    })
    .replace(/\s+/g, ' ')
    .trim()
}

/** The text that an element shows, without the name of a currency. */
export function shownBy(element) {
  const copy = element.cloneNode(true)
  for (const unit of copy.querySelectorAll('abbr, .phone, .sr')) unit.remove()
  return plain(copy.textContent)
}

/** Whether an element is there and shows a proven value. */
export const shows = (element, written) => element !== null && element !== undefined && shownBy(element) === plain(written)
