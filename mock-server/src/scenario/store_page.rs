//! The pages that object stores send in place of an object, as their documentation has
//! them: status, type, fields and body.
//!
//! Names, keys and identifiers in them are examples. docs/SCENARIOS.md names the source
//! of each.

use super::StorePage;

/// What a store sends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    pub(super) status: u16,
    /// Its `Content-Type`.
    pub(super) kind: &'static str,
    /// Further fields.
    pub(super) fields: &'static [(&'static str, &'static str)],
    pub(super) body: &'static str,
}

const XML: &str = "application/xml";
/// Cloud Storage says the character set too.
const XML_UTF8: &str = "application/xml; charset=UTF-8";
const JSON: &str = "application/json; charset=UTF-8";

/// S3 names each request in two fields, and in the body.
const S3_FIELDS: &[(&str, &str)] = &[
    ("x-amz-request-id", "SHORTREAD0000001"),
    ("x-amz-id-2", "c2hvcnRyZWFk"),
];

/// One element of an error of S3, and the end of all of them.
macro_rules! s3 {
    ($before:literal, $code:literal, $message:literal, $more:literal) => {
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8"?>"#,
            "\n",
            $before,
            "<Error><Code>",
            $code,
            "</Code><Message>",
            $message,
            "</Message>",
            $more,
            "<RequestId>SHORTREAD0000001</RequestId><HostId>c2hvcnRyZWFk</HostId></Error>"
        )
    };
}

/// An error of the JSON API of Cloud Storage.
macro_rules! gcs_json {
    ($status:literal, $domain:literal, $reason:literal, $message:literal) => {
        concat!(
            "{\n  \"error\": {\n    \"code\": ",
            $status,
            ",\n    \"message\": \"",
            $message,
            "\",\n    \"errors\": [\n      {\n        \"message\": \"",
            $message,
            "\",\n        \"domain\": \"",
            $domain,
            "\",\n        \"reason\": \"",
            $reason,
            "\"\n      }\n    ]\n  }\n}\n"
        )
    };
}

/// An error of the XML API of Cloud Storage.
macro_rules! gcs_xml {
    ($code:literal, $message:literal, $more:literal) => {
        concat!(
            "<?xml version='1.0' encoding='UTF-8'?><Error><Code>",
            $code,
            "</Code><Message>",
            $message,
            "</Message>",
            $more,
            "</Error>"
        )
    };
}

/// An error of Azure, whose message ends with the request and its time.
macro_rules! azure {
    ($code:literal, $message:literal, $more:literal) => {
        concat!(
            r#"<?xml version="1.0" encoding="utf-8"?><Error><Code>"#,
            $code,
            "</Code><Message>",
            $message,
            "\nRequestId:00000000-0000-0000-0000-000000000000\n",
            "Time:2026-01-01T00:00:00.0000000Z</Message>",
            $more,
            "</Error>"
        )
    };
}

/// The fields of an error of Azure, whose code stands there too.
macro_rules! azure_fields {
    ($code:literal) => {
        &[
            ("x-ms-error-code", $code),
            ("x-ms-request-id", "00000000-0000-0000-0000-000000000000"),
            ("x-ms-version", "2026-04-06"),
        ]
    };
}

impl StorePage {
    /// What it consists of.
    pub(super) const fn page(self) -> Page {
        match self {
            Self::S3SlowDown => s3(
                503,
                s3!("", "SlowDown", "Please reduce your request rate.", ""),
            ),
            Self::S3InternalError => s3(500, S3_INTERNAL),
            // The status is sent before the work is done, and white space while it goes on.
            Self::S3ErrorIn200 => s3(
                200,
                s3!(
                    "          \n",
                    "InternalError",
                    "We encountered an internal error. Please try again.",
                    ""
                ),
            ),
            Self::S3Expired => s3(
                403,
                s3!(
                    "",
                    "AccessDenied",
                    "Request has expired",
                    "<X-Amz-Expires>3600</X-Amz-Expires><Expires>2026-01-01T00:00:00Z</Expires>\
                     <ServerTime>2026-01-01T00:10:00Z</ServerTime>"
                ),
            ),
            Self::S3InvalidRange => s3(
                416,
                s3!(
                    "",
                    "InvalidRange",
                    "The requested range is not satisfiable",
                    "<RangeRequested>bytes=1000000-</RangeRequested>\
                     <ActualObjectSize>1000000</ActualObjectSize>"
                ),
            ),
            Self::GcsRateLimit => gcs(
                429,
                JSON,
                gcs_json!(
                    429,
                    "usageLimits",
                    "rateLimitExceeded",
                    "The rate of requests to this object exceeds the limit. Please reduce it."
                ),
            ),
            Self::GcsBackendError => gcs(
                503,
                JSON,
                gcs_json!(503, "global", "backendError", "Backend Error"),
            ),
            Self::GcsSlowDown => gcs(
                429,
                XML_UTF8,
                gcs_xml!(
                    "SlowDown",
                    "Please reduce your request rate.",
                    "<Details>The object is read too often, please slow down.</Details>"
                ),
            ),
            Self::GcsUnavailable => gcs(
                503,
                XML_UTF8,
                gcs_xml!(
                    "ServiceUnavailable",
                    "Service unavailable. Please retry.",
                    ""
                ),
            ),
            Self::GcsExpired => gcs(
                400,
                XML_UTF8,
                gcs_xml!(
                    "ExpiredToken",
                    "Invalid argument.",
                    "<Details>The provided token has expired. Request signature expired at: \
                     2026-01-01T00:00:00+00:00</Details>"
                ),
            ),
            Self::GcsForbidden => gcs(
                403,
                JSON,
                gcs_json!(
                    403,
                    "global",
                    "forbidden",
                    "The caller has no permission storage.objects.get for this object."
                ),
            ),
            Self::AzureServerBusy => Page {
                status: 503,
                kind: XML,
                fields: azure_fields!("ServerBusy"),
                body: azure!("ServerBusy", "Egress is over the account limit.", ""),
            },
            Self::AzureExpired => Page {
                status: 403,
                kind: XML,
                fields: azure_fields!("AuthenticationFailed"),
                body: azure!(
                    "AuthenticationFailed",
                    "Server failed to authenticate the request. Make sure the value of \
                     Authorization header is formed correctly including the signature.",
                    "<AuthenticationErrorDetail>Signature not valid in the specified time frame: \
                     Start [Wed, 31 Dec 2025 23:00:00 GMT] - Expiry \
                     [Thu, 01 Jan 2026 00:00:00 GMT] - Current \
                     [Thu, 01 Jan 2026 00:10:00 GMT]</AuthenticationErrorDetail>"
                ),
            },
        }
    }
}

const S3_INTERNAL: &str = s3!(
    "",
    "InternalError",
    "We encountered an internal error. Please try again.",
    ""
);

const fn s3(status: u16, body: &'static str) -> Page {
    Page {
        status,
        kind: XML,
        fields: S3_FIELDS,
        body,
    }
}

const fn gcs(status: u16, kind: &'static str, body: &'static str) -> Page {
    Page {
        status,
        kind,
        fields: &[("X-GUploader-UploadID", "shortread")],
        body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of the table that names them, cut into their cells.
    fn rows() -> Vec<Vec<&'static str>> {
        let reference = include_str!("../../../docs/SCENARIOS.md");
        let (_, rest) = reference.split_once("| `page_of` | status |").unwrap();
        let lines = rest
            .lines()
            .skip(2)
            .take_while(|line| line.starts_with('|'));
        lines
            .map(|line| line.split('|').map(str::trim).collect())
            .collect()
    }

    #[test]
    fn the_reference_lists_each_with_its_status_code_and_source() {
        let rows = rows();
        assert_eq!(rows.len(), StorePage::ALL.len());
        for (row, store) in rows.iter().zip(StorePage::ALL) {
            let page = store.page();
            assert_eq!(row[1], format!("`{store}`"));
            assert_eq!(row[2], page.status.to_string(), "{store}");
            let code = row[3].trim_matches('`');
            assert!(page.body.contains(code), "{store}: {code}");
            assert!(row[5].contains("](https://"), "{store} has no source");
        }
    }

    #[test]
    fn json_is_json_and_says_its_status() {
        for store in StorePage::ALL {
            let page = store.page();
            if page.kind == JSON {
                let body: serde_json::Value = serde_json::from_str(page.body).unwrap();
                assert_eq!(body["error"]["code"], page.status, "{store}");
            } else {
                assert!(page.body.starts_with("<?xml"), "{store}");
                let opened = page.body.matches("<Error>").count();
                assert_eq!((opened, page.body.matches("</Error>").count()), (1, 1));
            }
        }
    }

    #[test]
    fn the_code_of_azure_is_in_a_field_too() {
        for store in [StorePage::AzureServerBusy, StorePage::AzureExpired] {
            let page = store.page();
            let (_, code) = page.fields[0];
            assert!(page.body.contains(&format!("<Code>{code}</Code>")));
        }
    }
}
