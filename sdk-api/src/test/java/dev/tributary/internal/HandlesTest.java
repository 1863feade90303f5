package dev.tributary.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Admin;
import dev.tributary.Capability;
import dev.tributary.Health;
import dev.tributary.ResourceName;
import dev.tributary.Schemas;
import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.StreamConfig;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.schema.Compatibility;
import dev.tributary.schema.Schema;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.schema.Validation;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.SchemaTransport;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Health, administration and schemas. */
class HandlesTest {
  private final FakeTransport transport = new FakeTransport();
  private final Tributary client = transport.client();
  /** What was asked: the method, then its arguments without the deadline. */
  private final List<List<Object>> asked = new ArrayList<>();
  private final ArrayDeque<CompletableFuture<?>> answers = new ArrayDeque<>();

  private <T> T scripted(Class<T> role) {
    return role.cast(
        Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {role}, (proxy, method, arguments) -> answer(method, arguments)));
  }

  private CompletableFuture<?> answer(Method method, Object[] arguments) {
    List<Object> call = new ArrayList<>();
    call.add(method.getName());
    call.addAll(Arrays.asList(arguments).subList(0, arguments.length - 1));
    asked.add(call);
    CompletableFuture<?> next = answers.poll();
    return next == null ? CompletableFuture.completedFuture(null) : next;
  }

  private Admin admin() {
    transport.admin = scripted(AdminTransport.class);
    return client.admin();
  }

  private Schemas schemas() {
    transport.schemas = scripted(SchemaTransport.class);
    return client.schemas();
  }

  private static ResourceName name(String name) {
    return new ResourceName("default", "default", name);
  }

  private static Throwable failure(CompletableFuture<?> future) {
    assertThat(future).isCompletedExceptionally();
    return future.handle((value, error) -> error instanceof CompletionException c ? c.getCause() : error).join();
  }

  private static ConnectionFailedException broken(boolean maybeApplied) {
    return new ConnectionFailedException(ErrorInfo.of("broken", "").maybeApplied(maybeApplied));
  }

  @Test
  void healthIsFalseOnlyWhenTheBackendCannotBeReached() {
    Health health = client.health();
    assertThat(health.live().join()).isTrue();
    transport.health = deadline -> CompletableFuture.completedFuture(false);
    assertThat(health.ready().join()).isFalse();
    transport.health = deadline -> CompletableFuture.failedFuture(broken(false));
    assertThat(health.live()).isCompletedWithValue(false);
    transport.health = deadline -> CompletableFuture.failedFuture(new UnauthenticatedException(ErrorInfo.of("who", "")));
    assertThat(failure(health.ready())).isInstanceOf(UnauthenticatedException.class);
    CompletableFuture<Boolean> silent = new CompletableFuture<>();
    transport.health = deadline -> silent;
    CompletableFuture<Boolean> live = health.live();
    transport.time.advance(Duration.ofSeconds(10));
    assertThat(live.join()).isFalse();
    assertThat(silent).isCancelled();
  }

  @Test
  void healthCanBeCancelled() {
    CompletableFuture<Boolean> silent = new CompletableFuture<>();
    transport.health = deadline -> silent;
    client.health().live().cancel(true);
    assertThat(silent).isCancelled();
  }

  @Test
  void createsAndDeletes() {
    admin().createStream("a/b/s", StreamConfig.partitions(3)).join();
    admin().createQueue("q", QueueConfig.builder().lease(Duration.ofMillis(1_500)).build()).join();
    admin().createKeyValue("kv").join();
    admin().delete(ResourceKind.STREAM, "s").join();
    assertThat(asked)
        .containsExactly(
            List.of("createStream", new ResourceName("a", "b", "s"), StreamConfig.partitions(3)),
            List.of("createQueue", name("q"), QueueConfig.builder().lease(Duration.ofSeconds(2)).build()),
            List.of("createKeyValue", name("kv")),
            List.of("delete", ResourceKind.STREAM, name("s")));
  }

  @Test
  void listsByName() {
    answers.add(
        CompletableFuture.completedFuture(
            List.of(
                new ResourceInfo(ResourceKind.QUEUE, name("b"), 1, null), new ResourceInfo(ResourceKind.QUEUE, name("a"), 1, null))));
    assertThat(admin().list(ResourceKind.QUEUE).join()).extracting(info -> info.name().name()).containsExactly("a", "b");
  }

  @Test
  void creatingIsTriedAgainOnlyIfNothingWasCreated() {
    answers.add(CompletableFuture.failedFuture(broken(false)));
    CompletableFuture<Void> retried = admin().createKeyValue("kv");
    transport.time.advance(Duration.ofSeconds(1));
    assertThat(retried).isCompleted();
    answers.add(CompletableFuture.failedFuture(broken(true)));
    assertThat(((TributaryException) failure(admin().createKeyValue("kv"))).maybeApplied()).isTrue();
  }

  @Test
  void whatIsThereIsNotMadeAgain() {
    assertThat(admin().ensureStream("s", StreamConfig.partitions(3)).join()).isTrue();
    for (int i = 0; i < 3; i++) {
      answers.add(CompletableFuture.failedFuture(new AlreadyExistsException(ErrorInfo.of("there is one", "Use another name"))));
    }
    assertThat(admin().ensureStream("s", StreamConfig.DEFAULT).join()).isFalse();
    assertThat(admin().ensureQueue("q", QueueConfig.DEFAULT).join()).isFalse();
    assertThat(admin().ensureKeyValue("kv").join()).isFalse();
    assertThat(asked).first().isEqualTo(List.of("createStream", name("s"), StreamConfig.partitions(3)));
    answers.add(CompletableFuture.failedFuture(broken(true)));
    CompletableFuture<Boolean> again = admin().ensureKeyValue("kv");
    transport.time.advance(Duration.ofSeconds(1));
    assertThat(again.join()).as("twice is the same as once").isTrue();
    answers.add(CompletableFuture.failedFuture(new NotFoundException(ErrorInfo.of("no such tenant", "Create it"))));
    assertThat(failure(admin().ensureKeyValue("kv"))).isInstanceOf(NotFoundException.class);
  }

  @Test
  void wrongAdministrationIsRefused() {
    for (CompletableFuture<?> call :
        List.of(
            admin().ensureStream("s", null),
            admin().ensureQueue("q", QueueConfig.builder().lease(Duration.ofDays(1)).build()),
            admin().createStream("", StreamConfig.DEFAULT),
            admin().createStream("a/b/c/d", StreamConfig.DEFAULT),
            admin().createStream("s", null),
            admin().createQueue(null, QueueConfig.DEFAULT),
            admin().createQueue("q", QueueConfig.builder().lease(Duration.ofDays(1)).build()),
            admin().delete(null, "s"),
            admin().list(null))) {
      assertThat(failure(call)).isInstanceOf(InvalidRequestException.class);
    }
    transport.capabilities.removeAll(List.of(Capability.CREATE_RESOURCES, Capability.LIST_RESOURCES));
    for (CompletableFuture<?> call :
        List.of(admin().createKeyValue("kv"), admin().delete(ResourceKind.STREAM, "s"), admin().list(ResourceKind.STREAM))) {
      assertThat(failure(call)).isInstanceOf(UnsupportedFeatureException.class);
    }
    assertThat(asked).isEmpty();
  }

  @Test
  void schemasAreAskedByFullName() {
    Schema schema = new Schema("s", 1, SchemaFormat.JSON, "{}", null);
    answers.add(CompletableFuture.completedFuture(schema));
    assertThat(schemas().register("s", SchemaFormat.JSON, "{}").join()).isEqualTo(schema);
    schemas().latest("s").join();
    schemas().version("s", 2).join();
    schemas().delete("s", 2).join();
    schemas().attach(ResourceKind.QUEUE, "q", "s").join();
    schemas().attach(ResourceKind.STREAM, "t", "s", 2).join();
    schemas().setCompatibility("s", Compatibility.FULL).join();
    answers.add(CompletableFuture.completedFuture(new Validation(List.of("no"))));
    byte[] payload = {1};
    assertThat(schemas().validate("s", payload).join().valid()).isFalse();
    assertThat(asked)
        .containsExactly(
            List.of("register", name("s"), SchemaFormat.JSON, "{}"),
            List.of("get", name("s"), OptionalInt.empty()),
            List.of("get", name("s"), OptionalInt.of(2)),
            List.of("delete", name("s"), 2),
            List.of("attach", ResourceKind.QUEUE, name("q"), name("s"), OptionalInt.empty()),
            List.of("attach", ResourceKind.STREAM, name("t"), name("s"), OptionalInt.of(2)),
            List.of("setCompatibility", name("s"), Compatibility.FULL),
            List.of("validate", name("s"), OptionalInt.empty(), payload));
  }

  @Test
  void wrongSchemaCallsAreRefused() {
    for (CompletableFuture<?> call :
        List.of(
            schemas().register("", SchemaFormat.JSON, "{}"),
            schemas().register("s", null, "{}"),
            schemas().register("s", SchemaFormat.JSON, ""),
            schemas().version("s", 0),
            schemas().delete("s", -1),
            schemas().attach(ResourceKind.KEY_VALUE, "kv", "s"),
            schemas().attach(null, "q", "s"),
            schemas().attach(ResourceKind.QUEUE, "", "s"),
            schemas().attach(ResourceKind.QUEUE, "q", "s", 0),
            schemas().setCompatibility("s", null),
            schemas().isCompatible("s", SchemaFormat.JSON, null),
            schemas().validate("s", null))) {
      assertThat(failure(call)).isInstanceOf(InvalidRequestException.class);
    }
    transport.capabilities.removeAll(
        List.of(Capability.SCHEMA_ATTACHMENT, Capability.SCHEMA_COMPATIBILITY, Capability.SCHEMA_VALIDATION));
    for (CompletableFuture<?> call :
        List.of(
            schemas().attach(ResourceKind.QUEUE, "q", "s"),
            schemas().compatibility("s"),
            schemas().setCompatibility("s", Compatibility.FULL),
            schemas().isCompatible("s", SchemaFormat.JSON, "{}"),
            schemas().validate("s", new byte[1]))) {
      assertThat(failure(call)).isInstanceOf(UnsupportedFeatureException.class);
    }
    assertThat(asked).isEmpty();
  }

  @Test
  void rolesThatAreNotThereAreSaidAtOnce() {
    assertThatThrownBy(client::schemas).isInstanceOf(UnsupportedFeatureException.class);
    assertThatThrownBy(() -> client.keyValue("kv")).isInstanceOf(UnsupportedFeatureException.class);
    assertThatThrownBy(() -> client.queue("q")).isInstanceOf(UnsupportedFeatureException.class);
    assertThatThrownBy(() -> client.queue("a b ")).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> client.queue(null)).isInstanceOf(InvalidRequestException.class);
  }
}
