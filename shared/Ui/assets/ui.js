// What every page does with script. Without it every form still works; the words below are shown by the server too.
(() => {
  const root = document.documentElement
  const culture = root.dataset.culture || 'en'
  const currency = root.dataset.currency || 'EUR'
  const decimals = n => new Intl.NumberFormat(culture, { minimumFractionDigits: n, maximumFractionDigits: n })
  const [whole, cents, micros] = [0, 2, 6].map(decimals)
  const tenths = new Intl.NumberFormat(culture, { maximumFractionDigits: 1 })

  // The digits of an amount: to the cent, and below it. Integers all the way; nothing is rounded up.
  const digits = amount => {
    const exact = micros.format(amount / 1e6)
    return [exact.slice(0, -4), exact.slice(-4)]
  }
  const span = ms => {
    const two = (large, a, small, b) => small ? `${large} ${a} ${small} ${b}` : `${large} ${a}`
    if (ms < 60e3) return `${tenths.format(Math.floor(ms / 100) / 10)} s`
    if (ms < 3600e3) return two(Math.floor(ms / 60e3), 'min', Math.floor(ms % 60e3 / 1e3), 's')
    return two(Math.floor(ms / 3600e3), 'h', Math.floor(ms % 3600e3 / 60e3), 'min')
  }
  const data = (amount, main, small, code) => {
    const element = document.createElement('data')
    element.className = 'm'
    element.value = (amount / 1e6).toFixed(6)
    element.append(main)
    if (small) element.append(Object.assign(document.createElement('small'), { textContent: small }))
    if (code) element.append(' ', Object.assign(document.createElement('abbr'), { className: 'cur', textContent: currency }))
    return element
  }
  window.marketplace = {
    currency,
    number: n => whole.format(n),
    span,
    priceText: amount => { const [main, small] = digits(amount); return main + small.replace(/0+$/, '') },
    balanceText: amount => digits(amount)[0],
    atMostText: amount => cents.format(Math.ceil(amount / 1e4) / 100),
    price: (amount, code = true) => { const [main, small] = digits(amount); return data(amount, main, small.replace(/0+$/, ''), code) },
    balance: (amount, code = true) => data(amount, digits(amount)[0], '', code),
    exact: (amount, code = false) => data(amount, ...digits(amount), code),
    time: at => new Intl.DateTimeFormat(culture, { hour: 'numeric', minute: '2-digit' }).format(at),
  }

  // A list of errors takes the focus, so that a screen reader starts there.
  const errors = document.querySelector('.note.bad[role=alert][tabindex]')
  if (errors) errors.focus()

  // Things that cannot be undone ask once.
  document.addEventListener('submit', e => {
    const ask = (e.submitter && e.submitter.dataset.confirm) || e.target.dataset.confirm
    if (ask && !window.confirm(ask)) { e.preventDefault(); e.stopImmediatePropagation() }
  }, true)

  // A choice that changes a list does so at once; the button is for whoever has no script.
  for (const button of document.querySelectorAll('[data-unscripted]')) button.hidden = true
  document.addEventListener('change', e => {
    if (e.target.matches('[data-submits]')) e.target.form.requestSubmit()
  })

  // A bad line is said calmly, once, and taken back when the line is back.
  let note
  const say = text => {
    if (!note) {
      note = Object.assign(document.createElement('p'), { className: 'note line', role: 'status' })
      document.body.append(note)
    }
    note.textContent = text
    note.hidden = !text
  }
  document.addEventListener('htmx:sendError', () => say('The line is down. What you see is from a moment ago; we try again.'))
  document.addEventListener('htmx:responseError', () => say('Part of the marketplace did not answer. What you see is from a moment ago.'))
  document.addEventListener('htmx:afterOnLoad', () => note && say(''))

  // <div data-events="/address" hx-get="…" hx-trigger="changed">: the server says when to look again.
  for (const element of document.querySelectorAll('[data-events]')) {
    const source = new EventSource(element.dataset.events)
    source.onmessage = () => window.htmx && window.htmx.trigger(element, 'changed')
  }
})()
