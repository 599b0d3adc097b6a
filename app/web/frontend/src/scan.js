/* The scan field: a scanner that types, a code typed by hand, or the camera; each opens the row of its item. */
import htmx from 'htmx.org';
import { refusal } from './request.js';
import { signals } from './signals.js';

const LABEL = /XJ1P?:.*$/i;
const KEPT = 5;

export function scanBar(bar, { open }) {
  const form = bar.querySelector('form');
  const field = form.elements.scan;
  const said = bar.querySelector('.scan-said');
  const picked = document.getElementById('picked');
  const camera = bar.querySelector('[data-camera]');
  const signal = signals(bar.querySelector('#signals'));
  let by = field; // with what the next label is read: the field, or the camera
  let scanned; // the id of the row a scan opened last, and where the hands go when it is done

  const tell = (words) => {
    const line = document.createElement('p');
    line.className = 'field-error';
    line.textContent = words;
    said.replaceChildren(...(words ? [line] : []));
  };

  async function find(text, back) {
    const address = `${bar.dataset.scans}?${new URLSearchParams({ scan: text })}`;
    const asked = { credentials: 'same-origin', headers: { Accept: 'application/json' } };
    const answer = await fetch(address, asked).catch(() => null);
    const body = await answer?.json().catch(() => null);
    if (!answer?.ok || !body) {
      tell(refusal({ status: answer?.status ?? 0, body }));
      signal(false);
      return false;
    }
    tell('');
    signal(true);
    field.value = '';
    const id = `count-${body.code}`;
    scanned = { id, back };
    open(document.getElementById(id) ?? pick(body.row));
    return true;
  }

  // An item of another page is fetched alone; the last few stay, the newest on top.
  function pick(html) {
    picked.insertAdjacentHTML('afterbegin', html);
    const row = picked.firstElementChild;
    htmx.process(row);
    for (const old of [...picked.children].slice(KEPT)) if (!old.contains(document.activeElement)) old.remove();
    return row;
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!(await find(field.value, by))) field.select();
  });
  camera.addEventListener('click', () => (by = camera));
  field.addEventListener('input', () => (by = field));

  // Every label begins with a capital X, which no quantity and no hash has: there it begins a scan at once, before a shortcut
  // takes a key of it or an answer takes the focus away. What was typed of a quantity is kept.
  document.addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'X' || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
      const { target } = event;
      if (target.matches('input:not([type="checkbox"]):not([name="counted"]):not([name="hash_found"]), textarea')) return;
      if (target.name === 'counted' && target.value && target.value !== target.defaultValue) target.form.requestSubmit();
      field.value = '';
      field.focus();
    },
    true,
  );

  // Into a field of free text a scanner types the whole label: it is a scan, and the field is kept as it was.
  document.addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Enter' || event.target === field || !LABEL.test(event.target.value ?? '')) return;
      const label = event.target.value.match(LABEL)[0];
      event.target.value = event.target.value.replace(LABEL, '').trim();
      event.preventDefault();
      event.stopPropagation();
      by = field;
      field.focus();
      field.value = label;
      form.requestSubmit();
    },
    true,
  );

  // After a scanned row is kept and nothing is open in it, the hands go back to scanning.
  document.body.addEventListener('htmx:afterSettle', ({ detail }) => {
    const row = scanned && document.getElementById(scanned.id);
    if (!row || !row.matches('.done') || detail.target?.id !== scanned.id) return;
    const { back } = scanned;
    scanned = undefined;
    queueMicrotask(() => {
      back.scrollIntoView({ block: 'nearest' });
      back.focus({ preventScroll: true });
    });
  });

  if (!matchMedia('(pointer: coarse)').matches && !location.hash && !document.querySelector('.error-summary')) {
    field.focus({ preventScroll: true });
  }
}
