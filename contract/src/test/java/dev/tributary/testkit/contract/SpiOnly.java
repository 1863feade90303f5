package dev.tributary.testkit.contract;

import dev.tributary.Capability;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.GroupTransport;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.Limits;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.Transport;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Another backend, as far as anybody can see: streams, groups and their administration, each no more than what the SPI says of it. */
final class SpiOnly implements Transport {
  private final Transport whole;

  SpiOnly(Transport whole) {
    this.whole = whole;
  }

  @Override
  public String backend() {
    return "another";
  }

  @Override
  public Set<Capability> capabilities() {
    return whole.capabilities();
  }

  @Override
  public Limits limits() {
    return whole.limits();
  }

  @Override
  public Optional<StreamTransport> streams() {
    return whole.streams().map(role -> only(StreamTransport.class, role));
  }

  @Override
  public Optional<GroupTransport> groups() {
    return whole.groups().map(role -> only(GroupTransport.class, role));
  }

  @Override
  public Optional<AdminTransport> admin() {
    return whole.admin().map(role -> only(AdminTransport.class, role));
  }

  @Override
  public HealthTransport health() {
    return only(HealthTransport.class, whole.health());
  }

  @Override
  public CompletableFuture<Void> close() {
    return whole.close();
  }

  private static <R> R only(Class<R> type, R role) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              try {
                return method.invoke(role, arguments);
              } catch (InvocationTargetException thrown) {
                throw thrown.getTargetException();
              }
            }));
  }
}
