/** An S3 bucket, and the key that reads and writes it. */
export interface S3Place {
  /** Without a / at its end: `https://s3.eu-west-1.amazonaws.com`. */
  readonly endpoint: string;
  /** Undefined: the one that the name of the endpoint says, else us-east-1. */
  readonly region: string | undefined;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** What the names of all objects begin with: '' or like `team/`. */
  readonly prefix: string;
}
