package dev.tributary.testkit.server.goqueue;

import dev.tributary.Capability;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.Limits;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.Transport;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** Streams of a transport that lacks some capabilities, and takes and gives little at a time. */
final class LesserStreams implements Transport {
  /** How many events came at a time. */
  final List<Integer> batches = new CopyOnWriteArrayList<>();

  /** How many batches arrive before the connection is gone; negative for all. */
  volatile int batchesLeft = -1;

  /** What publishing waits for after it was done. */
  volatile CompletableFuture<?> answers = CompletableFuture.completedFuture(null);

  private final Transport whole;
  private final Set<Capability> capabilities;

  LesserStreams(Transport whole, Capability... lacks) {
    this.whole = whole;
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

  /** Two at a time, with eight bytes; payloads of one byte to eight; whole seconds, a minute at most. */
  @Override
  public Limits limits() {
    Duration minute = Duration.ofMinutes(1);
    return new Limits(2, 8, 8, 1, 2, Duration.ofSeconds(1), minute, minute, minute, 0, Duration.ZERO);
  }

  @Override
  public Optional<StreamTransport> streams() {
    return whole.streams().map(this::counted);
  }

  private StreamTransport counted(StreamTransport streams) {
    return (StreamTransport)
        Proxy.newProxyInstance(
            StreamTransport.class.getClassLoader(),
            new Class<?>[] {StreamTransport.class},
            (proxy, method, arguments) -> {
              boolean publishes = method.getName().equals("publish");
              if (publishes && batchesLeft == batches.size()) {
                return CompletableFuture.failedFuture(new ConnectionFailedException(ErrorInfo.of("it is gone", "Ask again")));
              }
              try {
                Object result = method.invoke(streams, arguments);
                if (!publishes) {
                  return result;
                }
                batches.add(((List<?>) arguments[1]).size());
                return answers.thenCompose(go -> (CompletableFuture<?>) result);
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
  public HealthTransport health() {
    return whole.health();
  }

  @Override
  public CompletableFuture<Void> close() {
    return whole.close();
  }
}
