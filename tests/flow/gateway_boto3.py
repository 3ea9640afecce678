"""boto3 as it is against the gateway, for 93-gateway.sh: gateway_boto3.py READY TARS. Status 77 where there is no boto3."""
import io, json, os, sys, urllib.request

try:
    import boto3
    from botocore.client import Config
    from botocore.exceptions import BotoCoreError, ClientError
    from boto3.s3.transfer import TransferConfig
except ImportError:
    print("no boto3")
    sys.exit(77)

ready = json.load(open(sys.argv[1]))
folder = sys.argv[2]


def client(**more):
    keys = {"aws_access_key_id": ready["access-key"], "aws_secret_access_key": ready["secret-key"], **more}
    return boto3.client("s3", endpoint_url=ready["url"], region_name="us-east-1", config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1}), **keys)


def check(ok, text):
    if not ok:
        sys.exit("wrong: " + text)


def refused(call, codes, text):
    try:
        call()
    except ClientError as e:
        check(e.response["Error"]["Code"] in codes, f"{text}: {e}")
        return
    sys.exit("wrong: " + text + ": it was let through")


s3, bucket = client(), ready["bucket"]
check({b["Name"] for b in s3.list_buckets()["Buckets"]} == {bucket, "results"}, "list_buckets")
s3.head_bucket(Bucket=bucket)
s3.get_bucket_location(Bucket=bucket)
pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 7})
keys = [o["Key"] for page in pages for o in page.get("Contents", [])]
tars = sorted(os.listdir(folder))
check([k for k in keys if k.endswith(".tar")] == tars and "index.json" in keys, "list_objects_v2")
tops = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
check([p["Prefix"] for p in tops["CommonPrefixes"]] == ["members/"], "delimiter")
for name in tars:
    data = open(os.path.join(folder, name), "rb").read()
    got = s3.get_object(Bucket=bucket, Key=name)
    check(got["Body"].read() == data and got["ContentLength"] == len(data), "get_object " + name)
    got = s3.get_object(Bucket=bucket, Key=name, Range="bytes=1000-1999", IfMatch=got["ETag"])
    check(got["Body"].read() == data[1000:2000] and got["ResponseMetadata"]["HTTPStatusCode"] == 206, "Range")
    check(s3.head_object(Bucket=bucket, Key=name)["ContentLength"] == len(data), "head_object")
    into = io.BytesIO()
    s3.download_fileobj(bucket, name, into, Config=TransferConfig(multipart_threshold=1 << 20, multipart_chunksize=1 << 20, max_concurrency=4))
    check(into.getvalue() == data, "download_fileobj by ranges")
url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": tars[0]}, ExpiresIn=60)
check(urllib.request.urlopen(url).read() == open(os.path.join(folder, tars[0]), "rb").read(), "presigned")
refused(lambda: s3.get_object(Bucket=bucket, Key="nothing"), ("NoSuchKey",), "a key that is not there")
refused(lambda: s3.put_object(Bucket=bucket, Key="x", Body=b"x"), ("MethodNotAllowed",), "writing where nothing is written")
refused(lambda: s3.delete_object(Bucket=bucket, Key=tars[0]), ("MethodNotAllowed",), "deleting")
refused(lambda: client(aws_secret_access_key="wrong" * 8).list_buckets(), ("SignatureDoesNotMatch",), "a wrong secret")
refused(lambda: client(aws_access_key_id="AKIAIOSFODNN7EXAMPLE").list_buckets(), ("SignatureDoesNotMatch", "InvalidAccessKeyId"), "a wrong key")
s3.put_object(Bucket="results", Key="boto3/small.bin", Body=b"plain-result-of-a-job")
big = os.urandom(20 << 20)
s3.upload_fileobj(io.BytesIO(big), "results", "boto3/big.bin", Config=TransferConfig(multipart_chunksize=8 << 20, max_concurrency=3))
check(s3.head_object(Bucket="results", Key="boto3/big.bin")["ContentLength"] == len(big), "what was put is there")
upload = s3.create_multipart_upload(Bucket="results", Key="boto3/given-up")["UploadId"]
s3.upload_part(Bucket="results", Key="boto3/given-up", UploadId=upload, PartNumber=1, Body=b"x" * 1000)
s3.abort_multipart_upload(Bucket="results", Key="boto3/given-up", UploadId=upload)
refused(lambda: s3.get_object(Bucket="results", Key="boto3/small.bin"), ("AccessDenied",), "reading a result")
print("boto3", boto3.__version__)
