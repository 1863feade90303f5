package dev.tributary.vertx.internal.disheap;

import dev.tributary.Capability;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.Limits;
import dev.tributary.spi.QueueTransport;
import dev.tributary.vertx.internal.health.proto.HealthMethods;
import dev.tributary.vertx.internal.net.Driver;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The transport for Disheap: its roles over one caller. */
final class DisheapDriver extends Driver {
  static final String BACKEND = "disheap";

  private static final Set<Capability> CAPABILITIES =
      Set.copyOf(
          EnumSet.of(
              Capability.QUEUES,
              Capability.JOB_DELAY,
              Capability.JOB_PRIORITY,
              Capability.JOB_DEDUPLICATION,
              Capability.PRODUCER_SEQUENCES,
              Capability.JOB_PARTITION_KEY,
              Capability.JOB_PARTITIONS,
              Capability.JOB_MAX_ATTEMPTS,
              Capability.ATOMIC_ENQUEUE,
              Capability.LEASE_EXTENSION,
              Capability.PEEK,
              Capability.PURGE,
              Capability.DEAD_LETTERS,
              Capability.CREATE_RESOURCES,
              Capability.QUEUE_SETTINGS,
              Capability.LIST_RESOURCES));

  // The server takes messages of 4 MiB; the difference is for names, keys and tags.
  private static final int BYTES = (4 << 20) - (256 << 10);

  /** The largest payload. */
  static final int PAYLOAD_BYTES = 1 << 20;

  private static final Limits LIMITS =
      new Limits(
          100,
          BYTES,
          PAYLOAD_BYTES,
          1,
          100,
          Duration.ofNanos(1),
          Duration.ofDays(365),
          Duration.ofHours(12),
          Limits.NONE.maxTtl(),
          10,
          Duration.ofSeconds(30));

  private final GrpcCaller caller;
  private final DisheapQueues queues;
  private final DisheapAdmin admin;
  private final DisheapHealth health;

  DisheapDriver(Network network, DisheapOptions options) {
    super(BACKEND, CAPABILITIES, LIMITS, network);
    this.caller = GrpcCaller.probing(network, new DisheapErrors(), HealthMethods.CHECK, DisheapHealth.SERVER);
    Heaps heaps =
        new Heaps(caller, network.config().tenant(), network.config().namespace(), options.mode(), network.config().timeout());
    this.queues = new DisheapQueues(heaps, caller, network, options.maxPriority());
    this.admin = new DisheapAdmin(heaps, caller, new Nodes(network, options.http()), network.time(), options.fanOut());
    this.health = new DisheapHealth(caller);
  }

  @Override
  public Optional<QueueTransport> queues() {
    return Optional.of(queues);
  }

  @Override
  public Optional<AdminTransport> admin() {
    return Optional.of(admin);
  }

  @Override
  public HealthTransport health() {
    return health;
  }

  @Override
  protected CompletableFuture<Void> end(TributaryException reason) {
    return queues.closeSources(reason).thenCompose(ended -> admin.close()).thenCompose(ended -> caller.close());
  }
}
