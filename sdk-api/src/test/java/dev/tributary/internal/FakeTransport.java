package dev.tributary.internal;

import dev.tributary.Capability;
import dev.tributary.Tributary;
import dev.tributary.config.ClientConfig;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.KeyValueTransport;
import dev.tributary.spi.Limits;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.SchemaTransport;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.TransactionTransport;
import dev.tributary.spi.Transport;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A transport of parts that a test puts together. Can do everything but keep producers' numbers, and has no limits, until the test says
 * otherwise.
 */
public final class FakeTransport implements Transport {
  public final Set<Capability> capabilities = EnumSet.complementOf(EnumSet.of(Capability.PRODUCER_SEQUENCES));
  public final ManualTime time = new ManualTime();
  public Limits limits = limits(1_000, Duration.ZERO);
  public StreamTransport streams;
  public QueueTransport queues;
  public KeyValueTransport keyValues;
  public TransactionTransport transactions;
  public SchemaTransport schemas;
  public AdminTransport admin;
  public Function<Deadline, CompletableFuture<Boolean>> health = deadline -> CompletableFuture.completedFuture(true);
  public boolean closed;
  /** Runs when somebody asks for the name, as the making of an error does. */
  public Runnable onName = () -> {};

  /** Whole seconds, payloads of 1 to 1,000 bytes, an hour of delay or lease, a day of ttl. */
  public static Limits limits(int maxBatch, Duration maxWait) {
    return new Limits(
        maxBatch, 10_000, 1_000, 1, 100, Duration.ofSeconds(1), Duration.ofHours(1), Duration.ofHours(1), Duration.ofDays(1), 0, maxWait);
  }

  /** The same, with leases that can be extended only so often. */
  public static Limits extensions(int most) {
    return new Limits(
        10, 10_000, 1_000, 1, 100, Duration.ofSeconds(1), Duration.ofHours(1), Duration.ofHours(1), Duration.ofDays(1), most, Duration.ZERO);
  }

  /** A client on the test's thread and clock; 10 s for each call. */
  public Tributary client() {
    return client(config().build());
  }

  public Tributary client(ClientConfig config) {
    return Tributary.over(this, config);
  }

  public ClientConfig.Builder config() {
    return ClientConfig.builder("fake").time(time).callbackExecutor(ClientConfig.INLINE).timeout(Duration.ofSeconds(10));
  }

  @Override
  public String backend() {
    onName.run();
    return "fake";
  }

  @Override
  public Set<Capability> capabilities() {
    return capabilities;
  }

  @Override
  public Limits limits() {
    return limits;
  }

  @Override
  public Optional<StreamTransport> streams() {
    return Optional.ofNullable(streams);
  }

  @Override
  public Optional<QueueTransport> queues() {
    return Optional.ofNullable(queues);
  }

  @Override
  public Optional<KeyValueTransport> keyValues() {
    return Optional.ofNullable(keyValues);
  }

  @Override
  public Optional<TransactionTransport> transactions() {
    return Optional.ofNullable(transactions);
  }

  @Override
  public Optional<SchemaTransport> schemas() {
    return Optional.ofNullable(schemas);
  }

  @Override
  public Optional<AdminTransport> admin() {
    return Optional.ofNullable(admin);
  }

  @Override
  public HealthTransport health() {
    return new HealthTransport() {
      @Override
      public CompletableFuture<Boolean> live(Deadline deadline) {
        return health.apply(deadline);
      }

      @Override
      public CompletableFuture<Boolean> ready(Deadline deadline) {
        return health.apply(deadline);
      }
    };
  }

  @Override
  public CompletableFuture<Void> close() {
    closed = true;
    return CompletableFuture.completedFuture(null);
  }
}
