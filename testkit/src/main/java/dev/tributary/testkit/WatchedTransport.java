package dev.tributary.testkit;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.AccessTransport;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.ClusterTransport;
import dev.tributary.spi.DeadLetterTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.DelayedEventTransport;
import dev.tributary.spi.GroupTransport;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.KeyValueTransport;
import dev.tributary.spi.Limits;
import dev.tributary.spi.PushQueueTransport;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.SchemaTransport;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.TraceTransport;
import dev.tributary.spi.TransactionTransport;
import dev.tributary.spi.Transport;
import dev.tributary.testkit.fault.FaultPlan;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A transport that writes every call into a journal and lets planned faults happen to it: what makes a {@link FakeTributary} of the client of
 * an engine, for fakes of one's own. Thread-safe.
 */
// Its roles are proxies: all their methods either call, open a source or lead to another role, so that one rule serves each kind, and a new
// method needs nothing here.
public final class WatchedTransport implements Transport {
  private final Transport transport;
  private final TimeSource time;
  private final Journal journal;
  private final FaultPlan faults;

  /** Watches this transport, which it closes when it is closed; the time is that of the journal. */
  public WatchedTransport(Transport transport, TimeSource time, Journal journal, FaultPlan faults) {
    this.transport = transport;
    this.time = time;
    this.journal = journal;
    this.faults = faults;
  }

  @Override
  public String backend() {
    return transport.backend();
  }

  @Override
  public Set<Capability> capabilities() {
    return transport.capabilities();
  }

  @Override
  public Limits limits() {
    return transport.limits();
  }

  @Override
  public Optional<StreamTransport> streams() {
    return transport.streams().map(role -> watch(StreamTransport.class, role, "", null));
  }

  @Override
  public Optional<GroupTransport> groups() {
    return transport.groups().map(role -> watch(GroupTransport.class, role, "groups.", null));
  }

  @Override
  public Optional<QueueTransport> queues() {
    return transport.queues().map(this::watchQueues);
  }

  private QueueTransport watchQueues(QueueTransport role) {
    return role instanceof PushQueueTransport push
        ? watch(PushQueueTransport.class, push, "", null)
        : watch(QueueTransport.class, role, "", null);
  }

  @Override
  public Optional<KeyValueTransport> keyValues() {
    return transport.keyValues().map(role -> watch(KeyValueTransport.class, role, "", null));
  }

  @Override
  public Optional<TransactionTransport> transactions() {
    return transport.transactions().map(role -> watch(TransactionTransport.class, role, "", null));
  }

  @Override
  public Optional<SchemaTransport> schemas() {
    return transport.schemas().map(role -> watch(SchemaTransport.class, role, "schemas.", null));
  }

  @Override
  public Optional<TraceTransport> traces() {
    return transport.traces().map(role -> watch(TraceTransport.class, role, "traces.", null));
  }

  @Override
  public Optional<AccessTransport> access() {
    return transport.access().map(role -> watch(AccessTransport.class, role, "access.", null));
  }

  @Override
  public Optional<ClusterTransport> cluster() {
    return transport.cluster().map(role -> watch(ClusterTransport.class, role, "cluster.", null));
  }

  @Override
  public Optional<AdminTransport> admin() {
    return transport.admin().map(role -> watch(AdminTransport.class, role, "admin.", null));
  }

  @Override
  public HealthTransport health() {
    return watch(HealthTransport.class, transport.health(), "health.", null);
  }

  @Override
  public CompletableFuture<Void> close() {
    return transport.close();
  }

  private <R> R watch(Class<R> type, R role, String prefix, @Nullable ResourceName resource) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> invoke(role, method, arguments == null ? new Object[0] : arguments, prefix, resource)));
  }

  private @Nullable Object invoke(
      Object role, Method method, Object[] arguments, String prefix, @Nullable ResourceName known) throws Throwable {
    Class<?> result = method.getReturnType();
    boolean closing = role instanceof Source && method.getName().equals("close");
    if (result == CompletableFuture.class && !closing) {
      String operation = prefix + verb(method, arguments);
      record(operation, arguments, known);
      CompletableFuture<Object> answer = faults.apply(operation, () -> future(role, method, arguments));
      // Only where it must be: a derived future would not pass on a cancel.
      return role instanceof TransactionTransport ? answer.thenApply(this::watchSession) : answer;
    }
    if (result == DeadLetterTransport.class) {
      return watch(DeadLetterTransport.class, (DeadLetterTransport) call(role, method, arguments), "deadLetters.", known);
    }
    if (result == DelayedEventTransport.class) {
      return watch(DelayedEventTransport.class, (DelayedEventTransport) call(role, method, arguments), "delayed.", known);
    }
    if (QueueTransport.class.isAssignableFrom(result)) {
      return watchQueues((QueueTransport) call(role, method, arguments));
    }
    if (Source.class.isAssignableFrom(result)) {
      String operation = prefix + method.getName();
      ResourceName resource = record(operation, arguments, known);
      TributaryException refused = faults.nextError(operation);
      return refused == null
          ? watchSource(result, (Source) call(role, method, arguments), resource)
          : neverOpened(result, arguments, refused);
    }
    return call(role, method, arguments);
  }

  private static @Nullable Object call(Object role, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(role, arguments);
    } catch (InvocationTargetException thrown) {
      throw thrown.getTargetException();
    }
  }

  @SuppressWarnings("unchecked")
  private static CompletableFuture<Object> future(Object role, Method method, Object[] arguments) {
    try {
      return java.util.Objects.requireNonNull((CompletableFuture<Object>) call(role, method, arguments));
    } catch (Throwable thrown) {
      return CompletableFuture.failedFuture(thrown);
    }
  }

  private Object watchSession(Object session) {
    return watch(TransactionTransport.Session.class, (TransactionTransport.Session) session, "transaction.", null);
  }

  private <S> S watchSource(Class<S> type, Source source, @Nullable ResourceName resource) {
    return watch(type, type.cast(source), "", resource);
  }

  /** A source that ends at once. */
  private static Object neverOpened(Class<?> type, Object[] arguments, TributaryException refused) {
    Object source =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, ignored) -> {
              if (method.getReturnType() != CompletableFuture.class) {
                return null;
              }
              return method.getName().equals("close")
                  ? CompletableFuture.completedFuture(null)
                  : CompletableFuture.failedFuture(refused);
            });
    for (Object argument : arguments) {
      if (argument instanceof SourceObserver<?> observer) {
        observer.onEnd(refused);
      }
    }
    return source;
  }

  private @Nullable ResourceName record(String operation, Object[] arguments, @Nullable ResourceName known) {
    ResourceName resource = known;
    List<Object> others = new ArrayList<>();
    for (Object argument : arguments) {
      if (argument instanceof ResourceName name && resource == null) {
        resource = name;
      } else if (argument instanceof SubscribeSpec spec) {
        resource = spec.stream();
        others.add(spec);
      } else if (argument != null && !(argument instanceof Deadline) && !(argument instanceof SourceObserver<?>)) {
        others.add(argument);
      }
    }
    journal.add(new CallRecord(operation, resource, others, time.now()));
    return resource;
  }

  private static String verb(Method method, Object[] arguments) {
    if (!method.getName().equals("settle")) {
      return method.getName();
    }
    List<Settlement.Kind> kinds =
        Arrays.stream(arguments)
            .filter(List.class::isInstance)
            .flatMap(list -> ((List<?>) list).stream())
            .map(settlement -> ((Settlement) settlement).kind())
            .distinct()
            .toList();
    return kinds.size() == 1 ? kinds.get(0).name().toLowerCase(Locale.ROOT) : "settle";
  }
}
