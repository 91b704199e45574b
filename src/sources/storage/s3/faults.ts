/** What S3 says when it does not answer. Source: Amazon S3 API Reference, "Error responses". */
import { type Answer, statusFault } from '../ask.ts'
import { type Fault, fault } from '../storage.ts'
import { readXml } from './xml.ts'

export interface Refusal {
  readonly code: string
  /** Where the bucket really is, when it is elsewhere. */
  readonly region?: string
}

const kinds: Readonly<Record<string, Fault['kind']>> = {
  NoSuchBucket: 'missing',
  NoSuchKey: 'missing',
  AccessDenied: 'denied',
  AllAccessDisabled: 'denied',
  AccountProblem: 'denied',
  ExpiredToken: 'denied',
  InvalidAccessKeyId: 'denied',
  InvalidToken: 'denied',
  RequestTimeTooSkewed: 'denied',
  SignatureDoesNotMatch: 'denied',
  InternalError: 'unreachable',
  OperationAborted: 'unreachable',
  RequestTimeout: 'unreachable',
  ServiceUnavailable: 'unreachable',
  SlowDown: 'unreachable',
  Throttling: 'unreachable',
  ThrottlingException: 'unreachable',
  InvalidRange: 'cut',
  QuotaExceeded: 'full',
  // The program asks the server for the region, and has other ways to sign.
  AuthorizationHeaderMalformed: 'unsupported',
  PermanentRedirect: 'unsupported',
  TemporaryRedirect: 'unsupported',
}

/** @returns An empty code for an answer that says none. */
export function refusalOf({ body, headers }: Answer): Refusal {
  let code = ''
  let region = String(headers['x-amz-bucket-region'] ?? '')
  readXml(body.subarray(0, 64 * 1024).toString('utf8'), (path, value) => {
    if (path === 'Error/Code') code = value
    else if (path === 'Error/Region') region ||= value
  })
  return {
    code: /^[A-Za-z.]{1,60}$/.test(code) ? code : '',
    // It goes into host names.
    ...(/^[a-z0-9-]{1,40}$/.test(region) && { region }),
  }
}

export function faultOfAnswer(answer: Answer): { readonly ok: false; readonly fault: Fault } {
  const { code } = refusalOf(answer)
  const kind = kinds[code]
  const plain = statusFault(answer)
  if (kind === undefined) return code === '' ? plain : fault(plain.fault.kind, `${code} (HTTP ${answer.status})`)
  return fault(kind, `${code} (HTTP ${answer.status})`)
}
