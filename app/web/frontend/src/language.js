/* One sentence in two languages: the page says which by <html lang>, as the server's templates do. */
export const chinese = document.documentElement.lang.startsWith('zh');
export const t = (zh, en) => (chinese ? zh : en);
