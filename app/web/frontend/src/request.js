/* Requests to our own server: JSON both ways, with the anti-forgery token the page carries. */
import { t } from './language.js';

export const csrfToken = () => document.querySelector('meta[name="csrf-token"]')?.content ?? '';

/** Gives {status, body}; status 0 when the server did not answer, body null when the answer was not JSON. */
export async function sendJson(method, url, body, { keepalive = false } = {}) {
  try {
    const answer = await fetch(url, {
      method,
      keepalive,
      body: JSON.stringify(body),
      credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': csrfToken() },
    });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  } catch {
    return { status: 0, body: null };
  }
}

/** The sentence for an answer that is neither success nor a list of field errors: the server's own (RFC 9457) when it has one. */
export function refusal({ status, body }) {
  if (status >= 400 && body?.detail && ![400, 401].includes(status)) return body.detail;
  if (status === 0) return t('服务器没有应答。内容仍在本页，请稍后再试。', 'The server does not answer. Your text is still on this page; try again shortly.');
  if (status === 401) return t('登录已过期，请在新标签页登录后再提交。', 'You have been signed out. Sign in again in a new tab, then submit.');
  if (status === 403) return t('您没有办理本事项的权限。', 'You may not do this.');
  if (status === 400) return t('页面已过期，请刷新后再试；草稿已保存。', 'The page is out of date; reload and try again. Your draft is kept.');
  if (status === 404) return t('没有找到这个事项，可能已经办结。', 'This is not here any more; it may have been done.');
  if (status === 409) return t('他人刚刚办理了本事项，请刷新查看。', 'Somebody else has just dealt with this; reload to see.');
  return t(`提交没有成功（${status}），请稍后再试。`, `This did not go through (${status}); try again shortly.`);
}
