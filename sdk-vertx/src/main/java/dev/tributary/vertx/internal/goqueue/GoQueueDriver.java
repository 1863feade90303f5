package dev.tributary.vertx.internal.goqueue;

import dev.tributary.Capability;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.Limits;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.SchemaTransport;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.TraceTransport;
import dev.tributary.spi.TransactionTransport;
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.client.Groups;
import dev.tributary.vertx.internal.goqueue.client.Receipts;
import dev.tributary.vertx.internal.goqueue.client.Topics;
import dev.tributary.vertx.internal.goqueue.shipped.Shipped;
import dev.tributary.vertx.internal.goqueue.wire.Sizes;
import dev.tributary.vertx.internal.net.Driver;
import dev.tributary.vertx.internal.net.Network;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The transport for GoQueue: its roles over one {@link Api}. */
final class GoQueueDriver extends Driver {
  static final String BACKEND = "goqueue";

  private static final Set<Capability> CAPABILITIES =
      Set.copyOf(
          EnumSet.of(
              Capability.STREAMS,
              Capability.EVENT_KEYS,
              Capability.EVENT_HEADERS,
              Capability.EVENT_DELAY,
              Capability.DELAYED_EVENTS,
              Capability.EVENT_PRIORITY,
              Capability.EVENT_PARTITION,
              Capability.GROUP_BALANCING,
              Capability.GROUP_LISTING,
              Capability.GROUP_DELETION,
              Capability.START_AT_TIME,
              Capability.STREAM_DEAD_LETTERS,
              Capability.QUEUES,
              Capability.JOB_HEADERS,
              Capability.JOB_DELAY,
              Capability.JOB_PRIORITY,
              Capability.JOB_PARTITION_KEY,
              Capability.LEASE_EXTENSION,
              Capability.DEAD_LETTERS,
              Capability.DEAD_LETTER_REPLAY,
              Capability.DEAD_LETTER_PURGE,
              Capability.TRANSACTIONS,
              Capability.NAMED_PRODUCERS,
              Capability.TRANSACTIONAL_ENQUEUE,
              Capability.SCHEMAS,
              Capability.SCHEMA_COMPATIBILITY,
              Capability.SCHEMA_IDS,
              Capability.CREATE_RESOURCES,
              Capability.LIST_RESOURCES,
              Capability.STATISTICS,
              Capability.HEALTH_CHECKS,
              Capability.TRACES));

  /** 186h24m48.64s. */
  private static final Duration MAX_DELAY = Duration.ofHours(186).plusMinutes(24).plusSeconds(48).plusMillis(640);

  private static final Limits LIMITS =
      new Limits(
          Sizes.PAGE,
          Sizes.PAYLOAD_BYTES,
          Sizes.PAYLOAD_BYTES,
          0,
          Sizes.PAGE,
          Duration.ofNanos(1),
          MAX_DELAY,
          Duration.ofHours(12),
          Limits.NONE.maxTtl(),
          0,
          Duration.ofSeconds(25));

  private final Api api;
  private final GoQueueStreams streams;
  private final GoQueueQueues queues;
  private final GoQueueTransactions transactions;
  private final GoQueueSchemas schemas;
  private final GoQueueAdmin admin;
  private final GoQueueTraces traces;
  private final GoQueueHealth health;

  GoQueueDriver(Network network, GoQueueOptions options) {
    super(BACKEND, CAPABILITIES, LIMITS, network);
    this.api = new Api(network);
    Topics topics = new Topics(api, network.config().tenant(), network.config().namespace());
    Groups groups = new Groups(api, options.plainGroups());
    Shipped client = new Shipped(api, topics, groups, network);
    this.streams = new GoQueueStreams(api, topics, groups, client.publisher(), client.reading(), client.delays(), network, options);
    Receipts receipts = new Receipts(api, network.time());
    this.queues =
        new GoQueueQueues(
            api,
            topics,
            groups,
            client.publisher(),
            client.delays(),
            receipts,
            client.deliveries(options.queueGroup(), options.heartbeat(), receipts),
            streams.deadLetters(),
            network,
            options);
    this.transactions = new GoQueueTransactions(api, topics, client.publisher(), network);
    this.schemas = new GoQueueSchemas(api, topics);
    this.admin = new GoQueueAdmin(api, topics, groups);
    this.traces = new GoQueueTraces(api, topics, groups);
    this.health = new GoQueueHealth(api);
  }

  @Override
  public Optional<StreamTransport> streams() {
    return Optional.of(streams);
  }

  @Override
  public Optional<QueueTransport> queues() {
    return Optional.of(queues);
  }

  @Override
  public Optional<TransactionTransport> transactions() {
    return Optional.of(transactions);
  }

  @Override
  public Optional<SchemaTransport> schemas() {
    return Optional.of(schemas);
  }

  @Override
  public Optional<AdminTransport> admin() {
    return Optional.of(admin);
  }

  @Override
  public Optional<TraceTransport> traces() {
    return Optional.of(traces);
  }

  @Override
  public HealthTransport health() {
    return health;
  }

  @Override
  protected CompletableFuture<Void> end(TributaryException reason) {
    return CompletableFuture.allOf(streams.closeSources(reason), queues.close(reason), transactions.close())
        // What could not be told in time the server finds out by itself.
        .handle((told, late) -> api.close())
        .thenCompose(disconnected -> disconnected);
  }
}
