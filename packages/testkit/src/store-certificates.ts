import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Signed the one below; it guards nothing, so that one's key may lie here for all to see. */
const AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBlDCCATugAwIBAgIUD9RSAnP+F/6q2NTHpt7Mm1GsIlowCgYIKoZIzj0EAwIw
HzEdMBsGA1UEAwwUU3RvcmUgVGVzdCBBdXRob3JpdHkwIBcNMjYxMTIzMTg0NDUw
WhgPMjExOTEyMjYxODQ0NTBaMB8xHTAbBgNVBAMMFFN0b3JlIFRlc3QgQXV0aG9y
aXR5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE0HALzQFLQHRCTqW1JOckDFkn
Ev9fWaaulZYl5V1LZR1tHODXOcknxG3kW5cmTImTFPI5d6CMwDtMYlXtJFCUIKNT
MFEwHQYDVR0OBBYEFLG0QzJ9azw8N5WYYu0XV2liuNZ2MB8GA1UdIwQYMBaAFLG0
QzJ9azw8N5WYYu0XV2liuNZ2MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwID
RwAwRAIgeqarC6zjV4zC/OcwBOCOKDTSM+Vhr27m3WHnwAWp3i0CIDY+4jE0JpeP
7XOWNIgUfTCK43kkEfecV36BkX/hSQ0G
-----END CERTIFICATE-----
`;

/** Of `localhost` and 127.0.0.1, until 2119. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBoDCCAUagAwIBAgIUdc93+SxKS7J2LCS0CqWiJuiOr34wCgYIKoZIzj0EAwIw
HzEdMBsGA1UEAwwUU3RvcmUgVGVzdCBBdXRob3JpdHkwIBcNMjYxMTIzMTg0NzIz
WhgPMjExOTEyMjYxODQ3MjNaMBQxEjAQBgNVBAMMCWxvY2FsaG9zdDBZMBMGByqG
SM49AgEGCCqGSM49AwEHA0IABBF4+6k8uh3cPVxGqJcRnBDJtE4BH27La26u4M7W
oIeI7Pkt1F3ijxwjc6JELovie+upKeFXvbMuQ/m6x0aXOlOjaTBnMBoGA1UdEQQT
MBGCCWxvY2FsaG9zdIcEfwAAATAJBgNVHRMEAjAAMB0GA1UdDgQWBBQepuuGLhYl
yYDHwkq6BtLCQ6H9LzAfBgNVHSMEGDAWgBSxtEMyfWs8PDeVmGLtF1dpYrjWdjAK
BggqhkjOPQQDAgNIADBFAiB9Rqkh6N44oNeX3s6NRCl1qN+MUxO/EcJvlSfJIzYN
XAIhALeHulW7VSa6g60H1qxfpO55VrMiX84mN60KxD2XGkgc
-----END CERTIFICATE-----
`;

const KEY = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIDDfzF8FkTuu/8ZEzo6xniHHJXAlJK6GhKaTtbFMnMABoAoGCCqGSM49
AwEHoUQDQgAEEXj7qTy6Hdw9XEaolxGcEMm0TgEfbstrbq7gztagh4js+S3UXeKP
HCNzokQui+J766kp4Ve9sy5D+brHRpc6Uw==
-----END EC PRIVATE KEY-----
`;

export interface StoreCertificates {
  /** Files in PEM. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** Puts down what a store at `localhost` shows, and what those who trust it are given. */
export async function writeStoreCertificates(directory: string): Promise<StoreCertificates> {
  const files = {
    authority: join(directory, "authority.pem"),
    certificate: join(directory, "certificate.pem"),
    key: join(directory, "key.pem"),
  };
  await Promise.all([
    writeFile(files.authority, AUTHORITY),
    writeFile(files.certificate, CERTIFICATE),
    // Postgres refuses a key that others may read.
    writeFile(files.key, KEY, { mode: 0o600 }),
  ]);
  return files;
}
