package dev.tributary.vertx.internal.flymq;

import dev.tributary.Capability;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.AccessTransport;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.ClusterTransport;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.Limits;
import dev.tributary.spi.SchemaTransport;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.TransactionTransport;
import dev.tributary.vertx.internal.flymq.wire.Frame;
import dev.tributary.vertx.internal.net.Driver;
import dev.tributary.vertx.internal.net.Network;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The transport for FlyMQ: its roles over one {@link FlyMqCaller}. */
final class FlyMqDriver extends Driver {
  static final String BACKEND = "flymq";

  private static final Set<Capability> CAPABILITIES =
      Set.copyOf(
          EnumSet.of(
              Capability.STREAMS,
              Capability.EVENT_KEYS,
              Capability.BINARY_EVENT_KEYS,
              Capability.EVENT_HEADERS,
              Capability.EVENT_DELAY,
              Capability.EVENT_TTL,
              Capability.EVENT_PARTITION,
              Capability.EVENT_FILTER,
              Capability.GROUP_LISTING,
              Capability.GROUP_DELETION,
              Capability.STREAM_DEAD_LETTERS,
              Capability.DEAD_LETTER_REPLAY,
              Capability.DEAD_LETTER_PURGE,
              Capability.DEAD_LETTER_ADD,
              Capability.TRANSACTIONS,
              Capability.SCHEMAS,
              Capability.SCHEMA_VALIDATION,
              Capability.EVENT_SCHEMA,
              Capability.CREATE_RESOURCES,
              Capability.LIST_RESOURCES,
              Capability.ACCESS_CONTROL,
              Capability.AUDIT,
              Capability.CLUSTER));

  /** A request may have 32 MiB; the difference is for names and the key. */
  static final int BYTES = Frame.MOST_BYTES - (256 << 10);

  private static final Limits LIMITS =
      new Limits(
          Topics.PAGE,
          BYTES,
          BYTES,
          0,
          Topics.PAGE,
          Duration.ofMillis(1),
          Duration.ofHours(24),
          Limits.NONE.maxLease(),
          Limits.NONE.maxTtl(),
          0,
          Duration.ZERO);

  private final FlyMqCaller caller;
  private final FlyMqStreams streams;
  private final FlyMqTransactions transactions;
  private final FlyMqSchemas schemas;
  private final FlyMqAdmin admin;
  private final FlyMqAccess access;
  private final FlyMqCluster cluster;
  private final FlyMqHealth health;

  FlyMqDriver(Network network, FlyMqOptions options) {
    super(BACKEND, CAPABILITIES, LIMITS, network);
    this.caller = new FlyMqCaller(network);
    FlyMqMapping mapping = new FlyMqMapping(network.config().tenant(), network.config().namespace(), options.plainGroups());
    Topics topics = new Topics(caller);
    Groups groups = new Groups(caller);
    Confirmation confirmation = new Confirmation(network.time());
    this.schemas = new FlyMqSchemas(caller, topics, mapping, confirmation);
    this.admin = new FlyMqAdmin(caller, topics, mapping, confirmation);
    Publisher publisher = new Publisher(caller, topics, mapping, schemas, options);
    FlyMqDeadLetters deadLetters = new FlyMqDeadLetters(caller, topics, mapping, publisher, admin);
    this.streams = new FlyMqStreams(caller, topics, groups, mapping, publisher, deadLetters, network);
    this.transactions = new FlyMqTransactions(caller, mapping, network.time());
    this.access = new FlyMqAccess(caller, mapping, confirmation);
    this.cluster = new FlyMqCluster(topics, mapping, new Addresses(network.endpoints().all()));
    this.health = new FlyMqHealth(caller);
  }

  @Override
  public Optional<StreamTransport> streams() {
    return Optional.of(streams);
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
  public Optional<AccessTransport> access() {
    return Optional.of(access);
  }

  @Override
  public Optional<ClusterTransport> cluster() {
    return Optional.of(cluster);
  }

  @Override
  public HealthTransport health() {
    return health;
  }

  @Override
  protected CompletableFuture<Void> end(TributaryException reason) {
    return CompletableFuture.allOf(streams.closeSources(reason), transactions.close())
        // What could not be told in time the server finds out by itself.
        .handle((told, late) -> caller.close())
        .thenCompose(disconnected -> disconnected);
  }
}
