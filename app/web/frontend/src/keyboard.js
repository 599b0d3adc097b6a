/* J/K or the arrows move in a list, Enter opens, C claims, / searches, ? shows this.
   Keys that a Chinese input method is composing with are never taken. */
const rows = () => [...document.querySelectorAll('[data-row]')];

document.addEventListener('keydown', (event) => {
  if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector('dialog[open]')) return;
  if (event.target.closest('input, textarea, select, [contenteditable], case-form')) {
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  const list = rows();
  const at = list.indexOf(document.activeElement?.closest('[data-row]'));
  const go = (to) => {
    const row = list[Math.max(0, Math.min(list.length - 1, to))];
    if (!row) return;
    row.focus();
    row.scrollIntoView({ block: 'nearest' });
    event.preventDefault();
  };
  if (event.key === 'j' || (event.key === 'ArrowDown' && at >= 0)) go(at + 1);
  else if (event.key === 'k' || (event.key === 'ArrowUp' && at >= 0)) go(at - 1);
  else if (event.key === 'Enter' && at >= 0 && event.target === list[at]) list[at].querySelector('a')?.click();
  else if (event.key === '/') {
    document.getElementById('q')?.focus();
    event.preventDefault();
  } else if (event.key === '?') document.getElementById('keys')?.showModal();
  else if (at >= 0) list[at].querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
});

// The row that htmx puts in place of the focused one takes the focus over, or says where the hands go next.
let focusedRow;
document.body.addEventListener('htmx:beforeSwap', (event) => {
  focusedRow = event.detail.target?.contains(document.activeElement) ? event.detail.target.id : undefined;
});
document.body.addEventListener('htmx:afterSettle', () => {
  const row = focusedRow && document.getElementById(focusedRow);
  const now = document.activeElement;
  // Whoever has gone elsewhere in the meantime stays there.
  if (row && (now === document.body || row.contains(now))) (document.getElementById(row.dataset.thenFocus) ?? row).focus();
  focusedRow = undefined;
});
