/* Reads a label by the camera: with the browser's own detector where there is one, else with one that is loaded now. */
import { t } from './language.js';

const PAUSE = 120; // milliseconds between two looks

async function detector() {
  const own = globalThis.BarcodeDetector;
  const formats = own ? await own.getSupportedFormats().catch(() => []) : [];
  const Detector = formats.includes('qr_code') ? own : (await import('qr/decode.js')).BarcodeDetector;
  return new Detector({ formats: ['qr_code'] });
}

const REASONS = {
  NotAllowedError: () => t('没有使用相机的权限，请在浏览器设置中允许。', 'The camera may not be used; allow it in the settings of the browser.'),
  NotFoundError: () => t('没有找到相机。', 'There is no camera.'),
};

/** Show the camera in a dialog until a code is read or the dialog is closed; `found(text)` gets what it says. */
export async function scanByCamera(dialog, found) {
  const video = dialog.querySelector('video');
  const said = dialog.querySelector('[data-camera-said]');
  said.textContent = '';
  dialog.showModal();
  let stream;
  try {
    // Browsers give the camera only to pages that came by HTTPS.
    if (!navigator.mediaDevices) throw Object.assign(new Error(), { name: 'Insecure' });
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' }, audio: false });
    video.srcObject = stream;
    await video.play();
    const reader = await detector();
    while (dialog.open) {
      const text = (await reader.detect(video).catch(() => []))[0]?.rawValue;
      if (text) {
        dialog.close();
        await found(text);
      } else await new Promise((later) => setTimeout(later, PAUSE));
    }
  } catch (error) {
    said.textContent =
      REASONS[error.name]?.() ??
      t('相机无法打开（须经 HTTPS 访问），请手工输入编号。', 'The camera cannot be opened (it needs HTTPS); type the code instead.');
  } finally {
    stream?.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  }
}
