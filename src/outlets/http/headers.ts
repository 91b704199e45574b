/** The headers of every response, errors included. */

export const securityHeaders: Readonly<Record<string, string>> = {
  // No script at all; style only from the file this server serves.
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  // Counts only over HTTPS, behind a proxy; over plain HTTP browsers ignore it.
  'strict-transport-security': 'max-age=31536000',
}
