/* The list of a hand-over where somebody counts: one key keeps a row, a difference opens its classes, a label finds its row. */
import { scanBar } from './scan.js';

const list = document.querySelector('.counting');
const fields = (row) => row.querySelector('form[data-counts]');
const quantity = (row) => row.querySelector('input[name="counted"]');
const sign = (number) => (number > 0 ? '+' : number < 0 ? '-' : '0');

// Only the classes that can explain this quantity are offered; which ones they are comes from the server.
function offer(form) {
  const typed = form.elements.counted.value.trim();
  const known = /^\d+(\.\d+)?$/.test(typed);
  const stays = form.querySelector('[value="not_moved"]').checked;
  const gap = known ? Number(typed) - Number(form.dataset.listed) : 0;
  const place = known ? sign(gap) + sign(Number(typed) - Number(form.dataset.held)) : '00';
  for (const choice of form.querySelectorAll('[data-when]')) {
    const box = choice.querySelector('input');
    const fits = choice.dataset.when.split(' ').includes(place) && (!stays || box.value === 'not_moved');
    choice.hidden = !fits;
    if (!fits) box.checked = false;
  }
  const more = form.querySelector('.f-more');
  more.querySelector('[data-gap]').textContent = gap && !stays ? `${gap > 0 ? '+' : ''}${Number(gap.toFixed(3))} ${form.dataset.unit}` : '';
  if (gap && !stays) more.open = true;
}

list.addEventListener('input', ({ target }) => {
  if (target.name === 'counted' && target.form?.matches('[data-counts]')) offer(target.form);
});

list.addEventListener('change', ({ target }) => {
  const form = target.form;
  if (target.name !== 'classes' || !form?.matches('[data-counts]')) return;
  if (target.value === 'not_moved') {
    if (target.checked) form.elements.counted.value = '0';
    offer(form);
  }
  // The sampling record is the proof that boxes went to the laboratory: where there is one, it need not be typed.
  const proofs = form.querySelectorAll('datalist option');
  if (target.value === 'sample_consumed' && target.checked && proofs.length === 1 && !form.elements.proof.value) {
    form.elements.proof.value = proofs[0].value;
  }
});

list.addEventListener('keydown', (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const row = event.target.closest('.count-row');
  if (!row) return;
  const typing = event.target.matches('input:not([type="checkbox"]), textarea');
  const counting = event.target.name === 'counted';
  if (event.key === '=' && (counting || !typing)) {
    row.querySelector('[data-key="="]')?.click();
    event.preventDefault();
  } else if (counting && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
    const all = [...list.querySelectorAll('input[name="counted"]')].filter((field) => field.checkVisibility());
    const next = all[all.indexOf(event.target) + (event.key === 'ArrowDown' ? 1 : -1)];
    next?.focus();
    next?.select();
    event.preventDefault();
  }
});

// A row that was kept opens with its quantity selected: what is typed replaces it.
list.addEventListener(
  'toggle',
  ({ target }) => {
    if (target.matches?.('.again[open]')) quantity(target)?.select();
  },
  true,
);

/** Bring a row into sight, open, with its quantity selected. */
export function open(row) {
  const again = row.querySelector('.again');
  if (again) again.open = true;
  row.scrollIntoView({ block: 'center' });
  const field = quantity(row) ?? row;
  field.focus({ preventScroll: true });
  field.select?.();
}

list.addEventListener('click', (event) => {
  const link = event.target.closest('[data-jumps]');
  const field = link && document.getElementById(link.dataset.jumps);
  const row = field?.closest('.count-row');
  if (!row) return;
  event.preventDefault();
  open(row);
  field.focus();
});

// What somebody typed into a row outlives an answer that is about something else of it, a photograph say.
let typed;
document.body.addEventListener('htmx:beforeSwap', ({ detail }) => {
  const row = detail.target?.closest?.('.count-row');
  const asked = detail.requestConfig?.elt;
  if (!row || asked?.matches('[data-counts]')) return;
  const form = fields(row);
  const about = asked?.matches('.compare') ? ['csrf_token', 'hash_found'] : ['csrf_token'];
  typed = form && { id: row.id, values: [...new FormData(form)].filter(([name]) => !about.includes(name)) };
});
document.body.addEventListener('htmx:afterSettle', () => {
  const row = typed && document.getElementById(typed.id);
  const form = row && fields(row);
  if (form) {
    for (const [name, value] of typed.values) {
      const field = form.elements[name];
      if (name !== 'classes') field.value = value;
      else form.querySelector(`[name="classes"][value="${CSS.escape(value)}"]`).checked = true;
    }
    offer(form);
  }
  typed = undefined;
});

const bar = list.querySelector('[data-scans]');
if (bar) scanBar(bar, { open });
