"""DuckDB with its extension httpfs: the bytes of a remote file into a FILE."""

import pathlib
import sys

import duckdb
import duckdb_extension_httpfs

url, file = sys.argv[1:]
database = duckdb.connect()
# As a package has it, since extensions are downloaded otherwise.
folder = pathlib.Path(duckdb_extension_httpfs.__file__).parent
database.load_extension(str(next(folder.glob("**/*.duckdb_extension"))))
remote = url.rpartition("/")[0] + "/bucket/data.bin"
(content,) = database.execute("SELECT content FROM read_blob(?)", [remote]).fetchone()
pathlib.Path(file).write_bytes(content)
