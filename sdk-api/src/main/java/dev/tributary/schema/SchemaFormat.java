package dev.tributary.schema;

/** The language a schema is written in. */
public enum SchemaFormat {
  /** JSON Schema; the draft is the one the schema names, 2020-12 if it names none. */
  JSON,
  /** Apache Avro. */
  AVRO,
  /** Protocol Buffers. */
  PROTOBUF
}
