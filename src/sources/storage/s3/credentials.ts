/** Credentials of S3 as restic finds them: in the repository's variables, else in the files of Amazon's own tools. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Fetched, fault, fetched, type StorageAccess } from '../storage.ts'

export interface Credentials {
  readonly keyId: string
  readonly secret: string
  readonly token?: string
}

/** A file of credentials is small; a larger one is something else. */
const mostFileBytes = 1024 * 1024

/** What only the program can do with a profile. */
const elsewhere = /^(credential_process|role_arn|source_profile|web_identity_token_file|sso_\w+)$/

/**
 * Source: restic `internal/backend/s3/s3.go`, `getCredentials`; files: AWS CLI, "Configuration and credential file settings".
 *
 * @param home Of the user we run as, which restic would be given.
 * @returns `unsupported` for every other way to get some (roles, single sign-on, a machine's own): the program knows them.
 */
export async function loadCredentials(
  access: StorageAccess,
  home = process.env.HOME ?? '',
): Promise<Fetched<Credentials>> {
  const of = (...names: string[]): string =>
    names.map((name) => access.environment[name]?.reveal() ?? '').find((value) => value !== '') ?? ''
  if (of('RESTIC_AWS_ASSUME_ROLE_ARN') !== '') return left('the role is one')
  const keyId = of('AWS_ACCESS_KEY_ID', 'AWS_ACCESS_KEY')
  const secret = of('AWS_SECRET_ACCESS_KEY', 'AWS_SECRET_KEY')
  if ((keyId === '') !== (secret === '')) return left('half of the credentials is missing')
  if (keyId !== '') return fetched({ keyId, secret, ...tokenOf(of('AWS_SESSION_TOKEN')) })
  if (of('MINIO_ACCESS_KEY', 'MINIO_ROOT_USER', 'AWS_WEB_IDENTITY_TOKEN_FILE') !== '')
    return left('credentials of another kind')
  const profile = of('AWS_PROFILE') || 'default'
  const files = [
    { path: of('AWS_SHARED_CREDENTIALS_FILE') || join(home, '.aws', 'credentials'), section: profile },
    {
      path: of('AWS_CONFIG_FILE') || join(home, '.aws', 'config'),
      section: profile === 'default' ? profile : `profile ${profile}`,
    },
  ]
  for (const { path, section } of files) {
    const settings = parseProfile(await textOf(path), section)
    const own = settings.get('aws_access_key_id')
    const secretOfOwn = settings.get('aws_secret_access_key')
    if (own !== undefined && secretOfOwn !== undefined)
      return fetched({ keyId: own, secret: secretOfOwn, ...tokenOf(settings.get('aws_session_token') ?? '') })
    if ([...settings.keys()].some((name) => elsewhere.test(name)))
      return left('the profile names another way to credentials')
  }
  return left('there are no credentials in variables or profile')
}

const left = (why: string) => fault('unsupported', why)
const tokenOf = (token: string) => (token === '' ? {} : { token })

/** @returns An empty text for a file that cannot be read: then other places are looked into, as restic does. */
async function textOf(path: string): Promise<string> {
  const content = await readFile(path).catch(() => undefined)
  return content === undefined || content.length > mostFileBytes ? '' : content.toString('utf8')
}

/** Settings of one `[section]`: lines `name = value`; `#` and `;` begin a comment line; indented lines belong to the one before. */
export function parseProfile(text: string, section: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>()
  let inside = false
  for (const line of text.split(/\r?\n/)) {
    const head = /^\[\s*(.*?)\s*\]/.exec(line)?.[1]
    if (head !== undefined) inside = head === section
    const [, name, value] = /^([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    if (inside && name !== undefined && value !== undefined && value !== '') settings.set(name.toLowerCase(), value)
  }
  return settings
}
