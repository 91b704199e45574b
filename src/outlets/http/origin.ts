/** Whether a request comes from a page of somebody else, which must not change anything here. */

/** Judged by what browsers always send, whatever the content type; a program that sends neither header is no browser. */
export function isCrossOrigin(header: (name: string) => string | undefined): boolean {
  const site = header('sec-fetch-site')
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  const origin = header('origin')
  if (origin === undefined) return false
  // By host alone: behind a proxy that ends TLS, the scheme here is another than in the browser.
  return (
    !URL.canParse(origin) ||
    new URL(origin).host === '' ||
    new URL(origin).host !==
      header('host')
        ?.toLowerCase()
        .replace(/:(?:80|443)$/, '')
  )
}
