package dev.tributary.testkit.server.disheap;

import dev.tributary.Capability;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.Limits;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.TransactionTransport;
import dev.tributary.spi.Transport;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Queues that do not push, of a transport that lacks some capabilities, and where a receive may wait only so long. */
final class LesserTransport implements Transport {
  private final Transport whole;
  private final Set<Capability> capabilities;
  private final Duration maxWait;

  LesserTransport(Transport whole, Duration maxWait, Capability... lacks) {
    this.whole = whole;
    this.maxWait = maxWait;
    EnumSet<Capability> left = EnumSet.copyOf(whole.capabilities());
    Set.of(lacks).forEach(left::remove);
    this.capabilities = Set.copyOf(left);
  }

  @Override
  public String backend() {
    return "lesser";
  }

  @Override
  public Set<Capability> capabilities() {
    return capabilities;
  }

  /** Whole seconds, a few jobs at a time. */
  @Override
  public Limits limits() {
    return new Limits(10, 1 << 20, 1 << 20, 0, 3, Duration.ofSeconds(1), Duration.ofDays(1), Duration.ofHours(1), Duration.ofDays(1), 0, maxWait);
  }

  @Override
  public Optional<QueueTransport> queues() {
    return whole.queues().map(LesserTransport::plain);
  }

  private static QueueTransport plain(QueueTransport queues) {
    return (QueueTransport)
        Proxy.newProxyInstance(
            QueueTransport.class.getClassLoader(),
            new Class<?>[] {QueueTransport.class},
            (proxy, method, arguments) -> {
              try {
                Object result = method.invoke(queues, arguments);
                return result instanceof QueueTransport some ? plain(some) : result;
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
              }
            });
  }

  @Override
  public Optional<AdminTransport> admin() {
    return whole.admin();
  }

  @Override
  public Optional<TransactionTransport> transactions() {
    return whole.transactions();
  }

  @Override
  public HealthTransport health() {
    return whole.health();
  }

  @Override
  public CompletableFuture<Void> close() {
    return whole.close();
  }
}
