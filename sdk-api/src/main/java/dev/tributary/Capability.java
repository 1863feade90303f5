package dev.tributary;

/** What a backend can do. A call that needs a missing one fails with {@code UnsupportedFeatureException} before anything is sent. */
public enum Capability {
  /** Append-only streams with offsets. */
  STREAMS,
  /** An event key that is kept, and that keeps events of one key in order. */
  EVENT_KEYS,
  /** An event key of any bytes, and not only of text. */
  BINARY_EVENT_KEYS,
  /** Event headers. */
  EVENT_HEADERS,
  /** Events that become readable later. */
  EVENT_DELAY,
  /** Events that wait for their time can be listed and cancelled. */
  DELAYED_EVENTS,
  /** Events that stop being readable by themselves. */
  EVENT_TTL,
  /**
   * Events keep a priority, which readers see. Streams are read by offset all the same; a queue of the same messages hands out the
   * higher first.
   */
  EVENT_PRIORITY,
  /** Events with a deduplication id are stored once. */
  EVENT_DEDUPLICATION,
  /** The caller may choose the partition. */
  EVENT_PARTITION,
  /** Members of a group share the partitions between them. Without it every member of a group sees everything. */
  GROUP_BALANCING,
  /** The groups of a stream can be listed. */
  GROUP_LISTING,
  /** A group can be deleted with all that it committed. */
  GROUP_DELETION,
  /** Readers may say which events they want, and the backend leaves out the others. */
  EVENT_FILTER,
  /** Reading may start at a time. */
  START_AT_TIME,
  /** Server-side replay of a range into a sandbox group. */
  REPLAY,
  /** Dead letters of streams. */
  STREAM_DEAD_LETTERS,

  /** Queues with leases. */
  QUEUES,
  /** Job headers. */
  JOB_HEADERS,
  /** Jobs that become ready later. */
  JOB_DELAY,
  /** Jobs that overtake others, with priorities of -2 to 2 at least. */
  JOB_PRIORITY,
  /** Jobs with a deduplication id are stored once. */
  JOB_DEDUPLICATION,
  /**
   * Jobs carry the number their producer gave them: one that comes again is stored once, so that enqueueing may be retried, and a newer
   * epoch of a producer shuts out the older.
   */
  PRODUCER_SEQUENCES,
  /** A partition key for jobs. */
  JOB_PARTITION_KEY,
  /** Consumers can keep to some partitions of a queue. */
  JOB_PARTITIONS,
  /** Jobs that expire unprocessed. */
  JOB_TTL,
  /** An attempt limit per job. */
  JOB_MAX_ATTEMPTS,
  /** Batches that are stored whole or not at all. */
  ATOMIC_ENQUEUE,
  /** A lease can be extended while the job runs. */
  LEASE_EXTENSION,
  /** A job can be given back as if it had never been delivered: no attempt is counted. */
  JOB_RELEASE,
  /** Looking at jobs without leasing them. */
  PEEK,
  /** Dropping all jobs of a queue. */
  PURGE,
  /** The redelivery policy of a queue can be read and set. */
  REDELIVERY_POLICY,
  /** Jobs that failed too often are kept apart, and can be listed. */
  DEAD_LETTERS,
  /** A dead letter can be put back. */
  DEAD_LETTER_REPLAY,
  /** Dead letters can be dropped. */
  DEAD_LETTER_PURGE,
  /** Dead letters of a stream are added by its clients: by a call, and by a consumer whose handler failed too often. */
  DEAD_LETTER_ADD,

  /** Key-value stores. */
  KEY_VALUE,
  /** Keys that expire. */
  KEY_TTL,
  /** Revisions: {@code entry}, {@code putIfAbsent} and {@code replace}. */
  KEY_REVISIONS,
  /** Watching keys for changes. */
  KEY_WATCH,

  /** Several publishes that become visible together. */
  TRANSACTIONS,
  /** The producer of a transaction has a name: whoever begins under it shuts out who did before. */
  NAMED_PRODUCERS,
  /** Jobs may be enqueued in a transaction. */
  TRANSACTIONAL_ENQUEUE,

  /** A registry of versioned schemas. */
  SCHEMAS,
  /** A schema can be attached to a stream or queue, which then refuses payloads that do not match. */
  SCHEMA_ATTACHMENT,
  /** Compatibility modes between schema versions. */
  SCHEMA_COMPATIBILITY,
  /** Validating a payload without publishing it. */
  SCHEMA_VALIDATION,
  /** An event may name the schema that its value must match. */
  EVENT_SCHEMA,
  /** Every registered schema has a number of its own, over all subjects. */
  SCHEMA_IDS,

  /** Streams, queues and stores can be created and deleted. */
  CREATE_RESOURCES,
  /** The settings of a queue can be read and changed. */
  QUEUE_SETTINGS,
  /** Streams, queues and stores can be listed. */
  LIST_RESOURCES,
  /** The server's counters can be read. */
  STATISTICS,
  /** The server says what its parts are like, and not only whether it is well. */
  HEALTH_CHECKS,
  /** The server keeps traces of messages that can be looked up. */
  TRACES,

  /** Users, their roles, and who may use a resource can be managed. */
  ACCESS_CONTROL,
  /** The server writes down who did what, and can be asked. */
  AUDIT,
  /** The nodes of the backend, and who leads what, can be seen. */
  CLUSTER
}
