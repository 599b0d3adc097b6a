/* Choosing among hundreds of items for a hand-over: a filter, all of the filtered at once, and what is chosen added up. */
import { t } from './language.js';

const form = document.querySelector('[data-lists]');
if (form) {
  const rows = [...form.querySelectorAll('[data-choice]')].map((row) => ({
    row,
    box: row.querySelector('input[name="item"]'),
    amount: row.querySelector('.amount input'),
    words: row.querySelector('label').textContent.toLowerCase(),
  }));
  const filter = form.querySelector('#filter-items');
  const all = form.querySelector('#all-items');
  const shown = () => rows.filter(({ row }) => !row.hidden);

  function add() {
    const chosen = rows.filter(({ box }) => box.checked);
    const sums = new Map();
    for (const { row, amount } of chosen) {
      const unit = row.dataset.unit;
      sums.set(unit, (sums.get(unit) ?? 0) + (Number(amount.value) || 0));
    }
    const words = [...sums].map(([unit, sum]) => `${Number(sum.toFixed(3))} ${unit}`).join(t('，', ', '));
    form.querySelector('[data-sum]').textContent = chosen.length
      ? t(`已选 ${chosen.length} 件：${words}`, `Chosen: ${chosen.length} (${words})`)
      : t('还没有选择物品', 'Nothing is chosen yet');
    const visible = shown();
    const picked = visible.filter(({ box }) => box.checked).length;
    all.checked = visible.length > 0 && picked === visible.length;
    all.indeterminate = picked > 0 && picked < visible.length;
    form.querySelector('[data-filtered]').textContent = `${picked} / ${visible.length}`;
  }

  filter.addEventListener('input', () => {
    const wanted = filter.value.trim().toLowerCase().split(/\s+/);
    for (const { row, words } of rows) row.hidden = !wanted.every((word) => words.includes(word));
    add();
  });
  // In a field that filters, Enter does not make the list.
  filter.addEventListener('keydown', (event) => event.key === 'Enter' && event.preventDefault());
  form.addEventListener('input', (event) => {
    if (event.target === all) for (const { box } of shown()) box.checked = all.checked;
    const item = rows.find(({ amount }) => amount === event.target);
    if (item) item.box.checked = item.box.checked || item.amount.value !== item.amount.defaultValue;
    add();
  });
  form.querySelector('[data-choosing]').hidden = false;
  add();
}
