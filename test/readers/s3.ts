/** A real server of S3's protocol, which checks signatures, and a way to fill it. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import S3rver from '@20minutes/s3rver'
import { AwsV4Signer } from 'aws4fetch'
import { openGate } from '../../src/system/gate.ts'

/** The one account that the server knows. */
export const account = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' }
export const bucket = 'backups'

export interface ServedS3 extends AsyncDisposable {
  readonly port: number
}

/** @param lenient Takes any signature: the server signs the path of a bucket differently from restic, which asks for it with a slash. */
export async function serveS3(folder: string, lenient = false): Promise<ServedS3> {
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory: folder,
    allowMismatchedSignatures: lenient,
    configureBuckets: [{ name: bucket }],
  })
  const { port } = await server.run()
  return { port, [Symbol.asyncDispose]: () => server.close() }
}

/** Makes what is below a prefix of the bucket what is in a folder. @returns Does that again, for what changed. */
export function mirror(port: number, folder: string, prefix: string): () => Promise<void> {
  const there = new Set<string>()
  const gate = openGate(16)
  return async () => {
    const here = new Set(filesIn(folder))
    const gone = [...there].filter((path) => !here.has(path))
    const added = [...here].filter((path) => !there.has(path))
    await Promise.all([
      ...added.map((path) => gate(() => send(port, 'PUT', `${prefix}/${path}`, readFileSync(join(folder, path))))),
      ...gone.map((path) => gate(() => send(port, 'DELETE', `${prefix}/${path}`))),
    ])
    for (const path of gone) there.delete(path)
    for (const path of added) there.add(path)
  }
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(folder, path)).isFile())

async function send(port: number, method: 'PUT' | 'DELETE', key: string, content?: Buffer): Promise<void> {
  const url = `http://127.0.0.1:${port}/${bucket}/${key}`
  const [accessKeyId, secretAccessKey] = [account.AWS_ACCESS_KEY_ID, account.AWS_SECRET_ACCESS_KEY]
  const { headers } = await new AwsV4Signer({
    url,
    method,
    accessKeyId,
    secretAccessKey,
    service: 's3',
    region: 'us-east-1',
  }).sign()
  const status = await new Promise<number>((resolve, reject) => {
    const length = { 'content-length': content?.length ?? 0 }
    const asked = request(url, { method, headers: { ...Object.fromEntries(headers), ...length } }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    asked.on('error', reject)
    asked.end(content)
  })
  if (status >= 300) throw new Error(`${method} ${key}: HTTP ${status}`)
}
