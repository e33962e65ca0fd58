import * as tls from "node:tls";

/**
 * Certificates for names below `.test`, signed by an authority that nobody trusts unless told to. They guard nothing,
 * so their key may lie here for all to see.
 */

/** Has signed the two below. */
const AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBbDCCAROgAwIBAgIBAzAKBggqhkjOPQQDAjAlMSMwIQYDVQQDDBpIb3N0aWxl
IFdlYiBUZXN0IEF1dGhvcml0eTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAw
MDAwMFowJTEjMCEGA1UEAwwaSG9zdGlsZSBXZWIgVGVzdCBBdXRob3JpdHkwWTAT
BgcqhkjOPQIBBggqhkjOPQMBBwNCAASKK4aGmW64yiKECdk5O57EwYWJ39icVUkn
vR7Vu9ndTlIWr7wi+Zwkh35dgmTrbSwK7Hps9yjEHO9qRp+aqZdfozIwMDAPBgNV
HRMBAf8EBTADAQH/MB0GA1UdDgQWBBTSQyrAmeHbq45WfhhWg1/NxVAwMjAKBggq
hkjOPQQDAgNHADBEAiALKRAXQyt0+wTP+IhC3I080TGSyIqHoFdA8K1CZwJR5AIg
c07eCS/KJl98NyZkaWN6HbY50Xp6gqvQqzx+vFhz/Yo=
-----END CERTIFICATE-----
`;

/** Of `silence-behind-tls.test`, until 2120. */
const VALID_PEM = `-----BEGIN CERTIFICATE-----
MIIBjDCCATKgAwIBAgIBBjAKBggqhkjOPQQDAjAlMSMwIQYDVQQDDBpIb3N0aWxl
IFdlYiBUZXN0IEF1dGhvcml0eTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAw
MDAwMFowEDEOMAwGA1UEAwwFdmFsaWQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAT9ThXdUf8DABqwYO74PtyRwUQXX3LOHQAOOXATRw1ac9PVNEscZhRZz/5zLZFq
LUrM0fP4/a210zyOFYNa1gjIo2YwZDAiBgNVHREEGzAZghdzaWxlbmNlLWJlaGlu
ZC10bHMudGVzdDAdBgNVHQ4EFgQUnKb+DezJ67APDPr6dO1BlJYbObYwHwYDVR0j
BBgwFoAU0kMqwJnh26uOVn4YVoNfzcVQMDIwCgYIKoZIzj0EAwIDSAAwRQIgYt4C
SMzwKjCAKNGcqoBJDEHoJtQxsQ+6agYp05vMCzECIQDd7ebDbRDxniLBn21jcVIR
ym+rikbqUofeDwyiMtMHoQ==
-----END CERTIFICATE-----
`;

/** Of `an-expired-certificate.test`, until 2020. */
const EXPIRED_PEM = `-----BEGIN CERTIFICATE-----
MIIBkDCCATagAwIBAgIBBTAKBggqhkjOPQQDAjAlMSMwIQYDVQQDDBpIb3N0aWxl
IFdlYiBUZXN0IEF1dGhvcml0eTAeFw0yMDAxMDEwMDAwMDBaFw0yMDAyMDEwMDAw
MDBaMBIxEDAOBgNVBAMMB2V4cGlyZWQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAT9ThXdUf8DABqwYO74PtyRwUQXX3LOHQAOOXATRw1ac9PVNEscZhRZz/5zLZFq
LUrM0fP4/a210zyOFYNa1gjIo2owaDAmBgNVHREEHzAdghthbi1leHBpcmVkLWNl
cnRpZmljYXRlLnRlc3QwHQYDVR0OBBYEFJym/g3syeuwDwz6+nTtQZSWGzm2MB8G
A1UdIwQYMBaAFNJDKsCZ4durjlZ+GFaDX83FUDAyMAoGCCqGSM49BAMCA0gAMEUC
IQC3dOIEuWYyPkXqB8xpbx32AKxFwLFeAnan+W/hLFXu5AIgVZncgcjfKaIqhhxO
0KRW6CryKPh6HyMZZ1QK5Rr2Rx4=
-----END CERTIFICATE-----
`;

const SELF_SIGNED_PEM = `-----BEGIN CERTIFICATE-----
MIIBFTCBvAIBBDAKBggqhkjOPQQDAjAWMRQwEgYDVQQDDAtzZWxmLXNpZ25lZDAg
Fw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFjEUMBIGA1UEAwwLc2Vs
Zi1zaWduZWQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAT9ThXdUf8DABqwYO74
PtyRwUQXX3LOHQAOOXATRw1ac9PVNEscZhRZz/5zLZFqLUrM0fP4/a210zyOFYNa
1gjIMAoGCCqGSM49BAMCA0gAMEUCIQDK5Db7ks81sBfU79uelg9UD7PTtYYcPb2b
Dc3Nbcc6BQIgWe47ksNBruGRtD7GQgFTPDKTOlBDnNLs1+JEc6R411w=
-----END CERTIFICATE-----
`;

const KEY = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIAXsqRAR8ziS3Pq2clO5oKqPhXrUrIXwJabzAuEksEfaoAoGCCqGSM49
AwEHoUQDQgAE/U4V3VH/AwAasGDu+D7ckcFEF19yzh0ADjlwE0cNWnPT1TRLHGYU
Wc/+cy2Rai1KzNHz+P2ttdM8jhWDWtYIyA==
-----END EC PRIVATE KEY-----
`;

export const VALID = { cert: VALID_PEM, key: KEY };
export const EXPIRED = { cert: EXPIRED_PEM, key: KEY };
export const SELF_SIGNED = { cert: SELF_SIGNED_PEM, key: KEY };

/** Makes this process trust the authority, so that what is wrong with a certificate is what its row says. */
export function trustTestAuthority(): void {
  // Node 22.18 has no such function yet, and calls both certificates untrusted.
  tls.setDefaultCACertificates?.([...tls.getCACertificates(), AUTHORITY]);
}
