/** Reads a mail as a program for mail does: its head, and its parts decoded. */
export interface Part {
  readonly type: string
  readonly body: string
}

export interface Mail {
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly parts: readonly Part[]
}

/** @param raw One character a byte. */
export function partsOf(raw: string): Mail {
  const { headers, body } = split(raw)
  const boundary = /boundary="([^"]+)"/.exec(headerOf(headers, 'content-type'))?.[1]
  if (boundary === undefined) return { headers, parts: [decoded(headers, body)] }
  const pieces = `\r\n${body}`.split(`\r\n--${boundary}`).slice(1, -1)
  return {
    headers,
    parts: pieces.map((piece) => {
      const own = split(piece.replace(/^\r\n/, ''))
      return decoded(own.headers, own.body)
    }),
  }
}

function split(raw: string): { headers: Mail['headers']; body: string } {
  const end = raw.indexOf('\r\n\r\n')
  const lines = raw.slice(0, end).split(/\r\n(?![ \t])/)
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [
      line.slice(0, colon),
      line
        .slice(colon + 1)
        .replaceAll(/\r\n(?=[ \t])/g, '')
        .trim(),
    ] as const
  })
  return { headers, body: raw.slice(end + 4) }
}

const headerOf = (headers: Mail['headers'], wanted: string): string =>
  headers.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? ''

function decoded(headers: Mail['headers'], body: string): Part {
  const encoding = headerOf(headers, 'content-transfer-encoding').toLowerCase()
  const bytes =
    encoding === 'base64'
      ? Buffer.from(body, 'base64')
      : encoding === 'quoted-printable'
        ? Buffer.from(
            body
              .replaceAll(/[ \t]+\r\n/g, '\r\n')
              .replaceAll(/=\r\n/g, '')
              .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
            'latin1',
          )
        : Buffer.from(body, 'latin1')
  return { type: headerOf(headers, 'content-type').split(';')[0] ?? '', body: bytes.toString('utf8') }
}
