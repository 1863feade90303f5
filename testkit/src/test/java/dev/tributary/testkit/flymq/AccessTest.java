package dev.tributary.testkit.flymq;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Tributary;
import dev.tributary.access.Access;
import dev.tributary.access.Acl;
import dev.tributary.access.AuditEvent;
import dev.tributary.access.AuditQuery;
import dev.tributary.access.User;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials.UserPassword;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Deframer;
import dev.tributary.vertx.internal.flymq.wire.ErrorStyle;
import dev.tributary.vertx.internal.flymq.wire.Frame;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Vertx;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Users where servers have none, where several have the same, and where one says that it did what it did not. */
@Timeout(120)
class AccessTest {
  private static final UserPassword ADA = new UserPassword("ada", "c2VjcmV0");

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  private <T extends AutoCloseable> T opened(T resource) {
    opened.push(resource);
    return resource;
  }

  @AfterEach
  void closeAll() throws Exception {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
  }

  private Tributary connect(int port, UserPassword who) {
    return opened(
        Tributary.connect(ClientConfig.builder("flymq").endpoint("127.0.0.1", port).credentials(who).timeout(Duration.ofSeconds(20)).build()));
  }

  private static List<CompletableFuture<?>> calls(Access access) {
    return List.of(
        access.roles(),
        access.createUser(new UserPassword("bob", "pw"), Set.of()),
        access.user("bob"),
        access.users(),
        access.updateUser(new User("bob", Set.of(), true, null, null)),
        access.deleteUser("bob"),
        access.setPassword(new UserPassword("bob", "pw")),
        access.setAcl(Acl.of("s")),
        access.acl("s"),
        access.acls(),
        access.deleteAcl("s"));
  }

  /** A public server would go down at each of these. */
  @Test
  void whoAsksNobodyIsAskedNothingAboutUsers() throws Exception {
    EmbeddedServer server = opened(EmbeddedServer.flymq().emulate(Quirk.SHIPPED_FLYMQ).start());
    for (UserPassword who : new UserPassword[] {ADA, null}) {
      Tributary client = who == null ? opened(Tributary.connect(server.uri())) : connect(server.port(), who);
      for (CompletableFuture<?> call : calls(client.access())) {
        assertThat(failure(call)).isInstanceOf(who == null ? UnauthenticatedException.class : UnsupportedFeatureException.class);
      }
      assertThat(of(client.access().whoAmI())).isEmpty();
      assertThat(failure(client.access().changePassword("a", "b"))).isInstanceOf(UnauthenticatedException.class);
      of(client.stream("s").publish(new byte[1]));
      assertThat(of(client.access().audit().search(AuditQuery.NEWEST))).isEmpty();
    }
    assertThat(server.faults().crashes()).isZero();
  }

  /** It had users when the client came, and has none when the call does. */
  @Test
  void whoAsksNobodyAnyMoreIsAskedNothingAboutUsers() throws Exception {
    EmbeddedServer before = opened(EmbeddedServer.flymq().administrator(ADA.user(), ADA.password()).start());
    Access access = connect(before.port(), ADA).access();
    assertThat(of(access.users())).hasSize(1);
    before.close();
    EmbeddedServer after = opened(EmbeddedServer.flymq().port(before.port()).emulate(Quirk.SHIPPED_FLYMQ).start());
    for (CompletableFuture<?> call : calls(access)) {
      TributaryException error = failure(call);
      assertThat(error).isInstanceOf(UnsupportedFeatureException.class);
      assertThat(error.maybeApplied()).isFalse();
    }
    assertThat(after.faults().crashes()).isZero();
  }

  @Test
  void serversOfOneEngineHaveItsUsers() throws Exception {
    MemoryEngine engine = opened(MemoryEngine.builder().administrator(ADA.user(), ADA.password()).build());
    EmbeddedServer first = opened(EmbeddedServer.flymq().transport(engine.connect()).start());
    EmbeddedServer second = opened(EmbeddedServer.flymq().transport(engine.connect()).start());
    UserPassword bob = new UserPassword("bob", "pw");
    Tributary admin = connect(first.port(), ADA);
    of(admin.access().createUser(bob, Set.of("guest")));
    of(admin.access().setAcl(Acl.of("s").withUsers("eve")));
    Tributary inMemory =
        opened(Tributary.over(engine.connect(() -> CompletableFuture.completedFuture(bob)), ClientConfig.builder("memory").build()));
    for (Tributary client : List.of(connect(second.port(), bob), inMemory)) {
      assertThat(of(client.access().whoAmI()).orElseThrow().user()).isEqualTo("bob");
      assertThat(failure(client.stream("s").publish(new byte[1])).getMessage()).contains("unauthorized");
    }
    assertThat(of(admin.access().audit().search(AuditQuery.builder().user("bob").types("access.denied").build()))).hasSize(2);
    assertThat(of(admin.access().audit().search(AuditQuery.builder().user("bob").types("auth.success").build())))
        .extracting(AuditEvent::node)
        .contains("memory");
  }

  /** As a node of a public cluster answers: at once, and some of it never comes to pass. */
  @Test
  void whatNeverComesToPassIsAnError() throws Exception {
    Answers.User bob = new Answers.User("bob", List.of("guest"), List.of(), true, 1, 1);
    int port =
        listen(
            (opcode, request) ->
                switch (opcode) {
                  case AUTH -> new Answers.Identity(true, ADA.user(), List.of("admin"), "");
                  case USER_CREATE, USER_GET -> bob;
                  case USER_UPDATE, USER_DELETE -> new Answers.Outcome(true, "bob");
                  default -> null;
                });
    Access access = connect(port, ADA).access();
    User now = of(access.user("bob"));
    assertThat(failure(access.createUser(new UserPassword("bob", "pw"), Set.of())).getMessage()).contains("already exists");
    TributaryException notDisabled = failure(access.updateUser(now.withEnabled(false)));
    assertThat(notDisabled).isInstanceOf(ServerErrorException.class).hasMessageContaining("never");
    assertThat(notDisabled.maybeApplied()).isTrue();
    assertThat(failure(access.deleteUser("bob"))).isInstanceOf(ServerErrorException.class);
    assertThat(of(access.updateUser(now))).isEqualTo(now);
  }

  @FunctionalInterface
  private interface Script {
    /** Null where somebody has to say who they are. */
    Message answer(Opcode opcode, Message request);
  }

  private int listen(Script script) throws Exception {
    Vertx vertx = Vertx.vertx();
    opened(() -> vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS));
    NetServer server = vertx.createNetServer().connectHandler(socket -> serve(socket, script));
    return server.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS).actualPort();
  }

  private static void serve(NetSocket socket, Script script) {
    Deframer frames = new Deframer(Frame.MOST_BYTES);
    socket.handler(
        more -> {
          try {
            frames.add(((BufferInternal) more).getByteBuf());
            for (Frame frame = frames.next(); frame != null; frame = frames.next()) {
              Opcode opcode = Opcode.of(frame.opcode());
              Message answer = script.answer(opcode, opcode.request(frame));
              ByteBuf out = Unpooled.buffer();
              if (answer == null) {
                ErrorStyle.BARE.write(out, "authentication required");
              } else {
                Frame.write(out, opcode.answerCode(), answer);
              }
              socket.write(BufferInternal.buffer(out));
            }
          } catch (Exception garbage) {
            socket.close();
          }
        });
  }
}
