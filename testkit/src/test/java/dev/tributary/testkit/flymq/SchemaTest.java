package dev.tributary.testkit.flymq;

import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Schemas;
import dev.tributary.Tributary;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.schema.Schema;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.spi.SchemaTransport;
import dev.tributary.spi.Steps;
import dev.tributary.spi.Transport;
import dev.tributary.testkit.server.EmbeddedServer;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Schemas of a node that answers before it has registered one. */
@Timeout(120)
class SchemaTest {
  private static final String ONE = "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}}";
  private static final String TWO = "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},\"b\":{\"type\":\"string\"}}}";

  /** The latest version that is there when it answers is the one that it names. */
  private static Schema early(Schema registered) {
    return new Schema(
        registered.subject(), Math.max(1, registered.version() - 1), registered.format(), registered.definition(), registered.createdAt());
  }

  private static <R> R but(Class<R> role, Object real, String method, Function<Object, Object> change) {
    return role.cast(
        Proxy.newProxyInstance(
            role.getClassLoader(),
            new Class<?>[] {role},
            (proxy, called, arguments) -> {
              try {
                Object result = called.invoke(real, arguments);
                return called.getName().equals(method) ? change.apply(result) : result;
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
              }
            }));
  }

  @SuppressWarnings("unchecked")
  private static Transport answeringEarly(Transport engine) {
    return but(
        Transport.class,
        engine,
        "schemas",
        role ->
            Optional.of(
                but(
                    SchemaTransport.class,
                    ((Optional<SchemaTransport>) role).orElseThrow(),
                    "register",
                    call -> Steps.map((CompletableFuture<Schema>) call, SchemaTest::early))));
  }

  @Test
  void theVersionIsTheOneThatHasTheDefinitionAndNotTheOneThatWasThereBefore() throws Exception {
    try (MemoryEngine engine = MemoryEngine.builder().build();
        EmbeddedServer server = EmbeddedServer.flymq().transport(answeringEarly(engine.connect())).start();
        Tributary client = Tributary.connect(server.uri())) {
      Schemas schemas = client.schemas();
      assertThat(of(schemas.register("s", SchemaFormat.JSON, ONE)).version()).isEqualTo(1);
      assertThat(of(schemas.register("s", SchemaFormat.JSON, TWO)).version()).isEqualTo(2);
      assertThat(of(schemas.version("s", 2)).definition()).isEqualTo(TWO);
    }
  }
}
