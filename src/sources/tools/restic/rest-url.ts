import { Secret } from '../../../model/secret.ts'

/** A repository address, split where restic lets credentials come by another way. */
export interface SplitUrl {
  readonly url: string
  readonly username?: string
  readonly password?: string
}

const restUrl = /^(rest:https?:\/\/)([^/?#]*)@(.*)$/s

/** Takes user and password out of a `rest:` address; percent-encoding is undone. Others come back as they are. */
export function splitRestUrl(url: string): SplitUrl {
  const match = restUrl.exec(url)
  if (match === null) return { url }
  const [, scheme = '', userinfo = '', rest = ''] = match
  const colon = userinfo.indexOf(':')
  const username = decode(colon === -1 ? userinfo : userinfo.slice(0, colon))
  return { url: scheme + rest, username, ...(colon === -1 ? {} : { password: decode(userinfo.slice(colon + 1)) }) }
}

/** The passwords that the address of a repository holds, as they are written and decoded; for redaction. */
export function secretsOf(url: string): readonly Secret[] {
  const written = /:\/\/[^/?#@:]*:([^/?#]*)@/.exec(url)?.[1]
  return written === undefined ? [] : [new Secret(written), new Secret(decode(written))]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
