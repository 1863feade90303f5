package dev.tributary.testkit.server.goqueue;

import dev.tributary.Capability;
import dev.tributary.schema.Schema;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.Limits;
import dev.tributary.spi.SchemaTransport;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.TransactionTransport;
import dev.tributary.spi.Transport;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Another transport's streams, with other transactions, without some of its abilities. */
public final class TransportOf implements Transport {
  private final Transport whole;
  private final @Nullable TransactionTransport transactions;
  private final Set<Capability> lacks = EnumSet.noneOf(Capability.class);

  public TransportOf(Transport whole, @Nullable TransactionTransport transactions, Capability... lacks) {
    this.whole = whole;
    this.transactions = transactions;
    this.lacks.addAll(Set.of(lacks));
  }

  @Override
  public String backend() {
    return "partial";
  }

  @Override
  public Set<Capability> capabilities() {
    Set<Capability> left = EnumSet.copyOf(whole.capabilities());
    left.removeAll(lacks);
    return left;
  }

  @Override
  public Limits limits() {
    return whole.limits();
  }

  @Override
  public Optional<StreamTransport> streams() {
    return whole.streams();
  }

  @Override
  public Optional<TransactionTransport> transactions() {
    return Optional.ofNullable(transactions);
  }

  @Override
  public Optional<SchemaTransport> schemas() {
    if (lacks.contains(Capability.SCHEMAS)) {
      return Optional.empty();
    }
    return lacks.contains(Capability.SCHEMA_IDS) ? whole.schemas().map(TransportOf::unnumbered) : whole.schemas();
  }

  private static SchemaTransport unnumbered(SchemaTransport schemas) {
    return (SchemaTransport)
        Proxy.newProxyInstance(
            SchemaTransport.class.getClassLoader(),
            new Class<?>[] {SchemaTransport.class},
            (proxy, method, arguments) -> {
              try {
                return ((CompletableFuture<?>) method.invoke(schemas, arguments)).thenApply(TransportOf::unnumbered);
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
              }
            });
  }

  private static Object unnumbered(Object result) {
    if (result instanceof List<?> list) {
      return list.stream().map(TransportOf::unnumbered).toList();
    }
    return result instanceof Schema schema
        ? new Schema(schema.subject(), schema.version(), schema.format(), schema.definition(), schema.createdAt())
        : result;
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
