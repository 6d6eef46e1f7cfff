import { ConfigError, type Env } from '../env.ts'
import type { PathOf } from './path-of.ts'

export type S3Choice = {
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly prefix: string
  readonly caFile: string | undefined
}

/** Undefined: nothing is set. @throws ConfigError when only a part is */
export function decideS3(env: Env, path: PathOf): S3Choice | undefined {
  const { TONGPING_S3_ENDPOINT: endpoint, TONGPING_S3_BUCKET: bucket } = env
  const { TONGPING_S3_ACCESS_KEY_ID: accessKeyId, TONGPING_S3_SECRET_ACCESS_KEY: secretAccessKey } = env
  const needed = [endpoint, bucket, accessKeyId, secretAccessKey]
  if (endpoint === undefined || bucket === undefined || accessKeyId === undefined || secretAccessKey === undefined) {
    const others = [env.TONGPING_S3_REGION, env.TONGPING_S3_PREFIX, env.TONGPING_S3_CA_FILE]
    if ([...needed, ...others].every(value => value === undefined)) return undefined
    throw new ConfigError(
      'TONGPING_S3_ENDPOINT, TONGPING_S3_BUCKET, TONGPING_S3_ACCESS_KEY_ID and TONGPING_S3_SECRET_ACCESS_KEY go together',
    )
  }
  return {
    endpoint: endpoint.replace(/\/+$/, ''),
    region: env.TONGPING_S3_REGION ?? 'us-east-1',
    bucket,
    accessKeyId,
    secretAccessKey,
    prefix: (env.TONGPING_S3_PREFIX ?? 'tongping').replace(/\/+$/, ''),
    caFile: env.TONGPING_S3_CA_FILE === undefined ? undefined : path(env.TONGPING_S3_CA_FILE),
  }
}
