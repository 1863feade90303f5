package dev.tributary.engine;

import dev.tributary.Capability;
import dev.tributary.spi.AccessTransport;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.ClusterTransport;
import dev.tributary.spi.GroupTransport;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.KeyValueTransport;
import dev.tributary.spi.Limits;
import dev.tributary.spi.PushQueueTransport;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.SchemaTransport;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.TransactionTransport;
import dev.tributary.spi.Transport;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * One client's connection to a {@link MemoryEngine}. Closing it ends what the client has there as a crash would: it leaves its groups,
 * its transactions are aborted, its leases run out.
 */
public final class MemoryTransport implements Transport {
  /** Everything, except what it could not do exactly. */
  private static final Set<Capability> CAPABILITIES =
      Set.copyOf(
          EnumSet.complementOf(EnumSet.of(Capability.STATISTICS, Capability.HEALTH_CHECKS, Capability.TRACES)));

  private final Connection connection;
  private final Consumer<Connection> onClose;
  private final StreamCalls streams;
  private final GroupCalls groups;
  private final QueueCalls queues;
  private final KeyValueCalls keyValues;
  private final TransactionCalls transactions;
  private final SchemaCalls schemas;
  private final AdminCalls admin;
  private final AccessCalls access;
  private final ClusterCalls cluster;
  private final HealthCalls health;

  MemoryTransport(MemoryEngine engine, Connection connection, Consumer<Connection> onClose) {
    this.connection = connection;
    this.onClose = onClose;
    this.streams = new StreamCalls(engine, connection);
    this.groups = new GroupCalls(engine, connection);
    this.queues = new QueueCalls(engine, connection, Scope.ALL);
    this.keyValues = new KeyValueCalls(engine, connection);
    this.transactions = new TransactionCalls(engine, connection);
    this.schemas = new SchemaCalls(engine, connection);
    this.admin = new AdminCalls(engine, connection);
    this.access = new AccessCalls(engine, connection);
    this.cluster = new ClusterCalls(engine, connection);
    this.health = new HealthCalls(engine, connection);
  }

  @Override
  public String backend() {
    return "memory";
  }

  @Override
  public Set<Capability> capabilities() {
    return CAPABILITIES;
  }

  @Override
  public Limits limits() {
    return Limits.NONE;
  }

  @Override
  public Optional<StreamTransport> streams() {
    return Optional.of(streams);
  }

  @Override
  public Optional<GroupTransport> groups() {
    return Optional.of(groups);
  }

  /** A {@link PushQueueTransport}. */
  @Override
  public Optional<QueueTransport> queues() {
    return Optional.of(queues);
  }

  @Override
  public Optional<KeyValueTransport> keyValues() {
    return Optional.of(keyValues);
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
  public CompletableFuture<Void> close() {
    onClose.accept(connection);
    return CompletableFuture.completedFuture(null);
  }
}
