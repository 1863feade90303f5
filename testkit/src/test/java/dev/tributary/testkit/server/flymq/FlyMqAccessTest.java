package dev.tributary.testkit.server.flymq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.ErrorStyle;
import dev.tributary.vertx.internal.flymq.wire.Frame;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Permission;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import io.vertx.core.json.JsonArray;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FlyMqAccessTest extends FlyMqTopic {
  private static final Requests.AuditQuery ALL = new Requests.AuditQuery(0, 0, List.of(), "", "", "", "", 0, 0);

  private static final List<String> MANY = IntStream.range(0, 101).mapToObj(i -> "n" + i).toList();

  private static Answers.Identity login(FlyMqClient client, String user, String password) {
    return client.call(Opcode.AUTH, new Requests.Login(user, password));
  }

  private FlyMqClient as(EmbeddedServer server, String user, String password) {
    FlyMqClient client = connect(server);
    assertThat(login(client, user, password).success()).isTrue();
    return client;
  }

  private static void create(FlyMqClient admin, String user, String... roles) {
    admin.<Answers.User>call(Opcode.USER_CREATE, new Requests.User(user, "pw", "", List.of(roles), true));
  }

  /** A request of each operation that makes sense as far as its fields go. */
  static Message request(Opcode opcode) {
    return switch (opcode) {
      case PRODUCE -> FlyMqClient.record("t", "", "v", -1);
      case CONSUME, CONSUME_ZERO_COPY -> new Requests.Consume("t", 0, 0);
      case CREATE_TOPIC -> new Requests.CreateTopic("t", 1);
      case SUBSCRIBE -> new Requests.Subscribe("t", "g", 0, "latest");
      case COMMIT -> new Requests.Commit("t", "g", 0, 0);
      case FETCH, FETCH_BINARY -> new Requests.Fetch("t", 0, 0, 1, "");
      case REGISTER_SCHEMA -> new Requests.RegisterSchema("s", "json", FlyMqClient.bytes("{}"));
      case GET_SCHEMA, DELETE_SCHEMA -> new Requests.SchemaVersion("s", 1);
      case VALIDATE_SCHEMA -> new Requests.ValidateSchema("s", FlyMqClient.bytes("{}"));
      case PRODUCE_WITH_SCHEMA -> new Requests.ProduceWithSchema("t", "s", FlyMqClient.bytes("{}"));
      case FETCH_DLQ -> new Requests.FetchDeadLetters("t", 1);
      case REPLAY_DLQ -> new Requests.ReplayDeadLetter("t", "x");
      case PRODUCE_DELAYED, PRODUCE_WITH_TTL -> new Requests.ProduceTimed("t", new byte[1], 1_000);
      case TXN_PRODUCE -> new Requests.ProduceInTransaction("x", "t", new byte[1]);
      case GET_OFFSET, GET_LAG -> new Requests.GroupPartition("t", "g", 0);
      case RESET_OFFSET -> new Requests.ResetOffset("t", "g", 0, "offset", 1);
      case DESCRIBE_GROUP, DELETE_GROUP -> new Requests.Group("t", "g");
      case AUTH -> new Requests.Login("u", "p");
      case USER_CREATE, USER_UPDATE, PASSWORD_CHANGE -> new Requests.User("u", "p", "", List.of("producer"), true);
      case ACL_SET -> new Requests.SetAcl("t", false, List.of("u"), List.of());
      case AUDIT_QUERY -> ALL;
      case AUDIT_EXPORT -> new Requests.AuditExport(ALL, "csv");
      case LIST_TOPICS, LIST_GROUPS, TXN_BEGIN, WHOAMI, USER_LIST, ACL_LIST, ROLE_LIST -> Message.EMPTY;
      default -> new Requests.Name("t");
    };
  }

  @ParameterizedTest
  @EnumSource(Opcode.class)
  void nobodyMayDoWhatNeedsALogin(Opcode opcode) {
    FlyMqClient client = connect(startWithUsers());
    client.send(opcode, request(opcode));
    Frame answer = client.receive();
    if (opcode.permission() == Permission.NONE) {
      assertThat(opcode).isIn(Opcode.AUTH, Opcode.WHOAMI);
      assertThat(answer.opcode()).isEqualTo(opcode.answerCode());
      return;
    }
    String style = opcode.errors() == ErrorStyle.BARE ? "E0 " : opcode.errors() == ErrorStyle.TEXT ? "E1 " : "E2 ";
    assertThat(FlyMqClient.error(answer))
        .isEqualTo(
            style
                + switch (opcode) {
                  case AUDIT_QUERY -> "admin access required for audit queries";
                  case AUDIT_EXPORT -> "admin access required for audit export";
                  default -> "authentication required";
                });
  }

  @ParameterizedTest
  @EnumSource(Opcode.class)
  void asShippedMuchIsOpenToEverybody(Opcode opcode) {
    FlyMqClient client = connect(startWithUsers(Quirk.SHIPPED_FLYMQ));
    client.send(opcode, request(opcode));
    Frame answer = client.receive();
    boolean refused = answer.opcode() == ErrorStyle.OPCODE && ErrorStyle.text(answer).matches("authentication required|admin access .*");
    assertThat(refused).isEqualTo(opcode.publicPermission() != Permission.NONE);
  }

  @Test
  void aLoginIsOfAConnection() {
    EmbeddedServer server = startWithUsers();
    FlyMqClient client = connect(server);
    assertThat(login(client, "admin", "wrong")).isEqualTo(new Answers.Identity(false, "", List.of(), "invalid username or password"));
    assertThat(login(client, "nobody", "secret").error()).isEqualTo("invalid username or password");
    assertThat(client.<Answers.Identity>call(Opcode.WHOAMI, Message.EMPTY).success()).isFalse();
    assertThat(login(client, "admin", "secret")).isEqualTo(new Answers.Identity(true, "admin", List.of("admin"), ""));
    create(client, "bob", "consumer");
    assertThat(login(client, "bob", "x").success()).isFalse();
    assertThat(client.<Answers.Identity>call(Opcode.WHOAMI, Message.EMPTY).user()).as("who it was before").isEqualTo("admin");
    assertThat(login(client, "bob", "pw").roles()).containsExactly("consumer");
    assertThat(client.refused(Opcode.USER_LIST, Message.EMPTY)).isEqualTo("E2 unauthorized");
    assertThat(connect(server).<Answers.Identity>call(Opcode.WHOAMI, Message.EMPTY).user()).as("another connection").isEmpty();
  }

  @Test
  void topicsWithAListAreForThoseOnItAndForRoles() {
    EmbeddedServer server = startWithUsers();
    FlyMqClient admin = as(server, "admin", "secret");
    for (String role : List.of("producer", "consumer", "guest", "listed-role")) {
      create(admin, role, role);
    }
    create(admin, "listed-user");
    assertThat(tries(server, "guest")).as("open to all users").isEqualTo("rw");
    admin.<Answers.AclDone>call(Opcode.ACL_SET, new Requests.SetAcl("t", false, List.of("listed-user"), List.of("listed-role")));
    assertThat(tries(server, "producer")).isEqualTo("-w");
    assertThat(tries(server, "consumer")).isEqualTo("r-");
    assertThat(tries(server, "guest")).isEqualTo("--");
    assertThat(tries(server, "listed-user")).isEqualTo("rw");
    assertThat(tries(server, "listed-role")).isEqualTo("rw");
    assertThat(as(server, "listed-user", "pw").refused(Opcode.DELETE_TOPIC, new Requests.Name("t"))).isEqualTo("E0 unauthorized");
    assertThat(admin.<Answers.Acl>call(Opcode.ACL_GET, new Requests.Name("t")))
        .isEqualTo(new Answers.Acl("t", true, false, false, List.of("listed-user"), List.of("listed-role")));
    assertThat(admin.<Answers.Acls>call(Opcode.ACL_LIST, Message.EMPTY).acls()).hasSize(1);
    admin.<Answers.AclDone>call(Opcode.ACL_DELETE, new Requests.Name("t"));
    assertThat(tries(server, "guest")).isEqualTo("rw");
    assertThat(admin.<Answers.Acl>call(Opcode.ACL_GET, new Requests.Name("t")).exists()).isFalse();
    assertThat(admin.refused(Opcode.ACL_SET, new Requests.SetAcl("t", true, List.of(), List.of()))).startsWith("E2 cannot make topic public");
  }

  /** What somebody may do with a topic. */
  private String tries(EmbeddedServer server, String user) {
    try (FlyMqClient client = new FlyMqClient(server)) {
      assertThat(login(client, user, "pw").success()).isTrue();
      client.send(Opcode.CONSUME, new Requests.Consume("t", 0, 0));
      boolean reads = !ErrorStyle.text(client.receive()).equals("unauthorized");
      client.send(Opcode.PRODUCE, FlyMqClient.record("t", "", "v", -1));
      return (reads ? "r" : "-") + (client.receive().opcode() == ErrorStyle.OPCODE ? "-" : "w");
    }
  }

  @Test
  void whoIsDisabledOrDeletedIsOutAtOnce() {
    EmbeddedServer server = startWithUsers();
    FlyMqClient admin = as(server, "admin", "secret");
    create(admin, "bob", "producer");
    FlyMqClient bob = as(server, "bob", "pw");
    bob.<Answers.Produced>call(Opcode.PRODUCE, FlyMqClient.record("t", "", "v", -1));
    admin.<Answers.Outcome>call(Opcode.USER_UPDATE, new Requests.User("bob", "", "", List.of("producer"), false));
    assertThat(bob.refused(Opcode.PRODUCE, FlyMqClient.record("t", "", "v", -1))).isEqualTo("E0 user account is disabled");
    assertThat(login(connect(server), "bob", "pw").error()).isEqualTo("user account is disabled");
    admin.<Answers.Outcome>call(Opcode.USER_UPDATE, new Requests.User("bob", "", "", List.of(), true));
    assertThat(bob.<Answers.Identity>call(Opcode.WHOAMI, Message.EMPTY).roles()).isEmpty();
    assertThat(admin.<Answers.Outcome>call(Opcode.USER_DELETE, new Requests.Name("bob")).message()).isEqualTo("bob");
    assertThat(bob.refused(Opcode.PRODUCE, FlyMqClient.record("t", "", "v", -1))).isEqualTo("E0 authentication required");
    assertThat(bob.<Answers.Identity>call(Opcode.WHOAMI, Message.EMPTY).success()).isFalse();
  }

  @Test
  void passwordsAreChangedByWhoKnowsThemAndByAdministrators() {
    EmbeddedServer server = startWithUsers();
    FlyMqClient admin = as(server, "admin", "secret");
    create(admin, "bob", "producer");
    create(admin, "eve", "producer");
    FlyMqClient bob = as(server, "bob", "pw");
    assertThat(bob.refused(Opcode.PASSWORD_CHANGE, new Requests.User("bob", "new", "wrong", List.of(), true))).isEqualTo("E2 invalid current password");
    assertThat(bob.refused(Opcode.PASSWORD_CHANGE, new Requests.User("eve", "new", "pw", List.of(), true))).isEqualTo("E2 unauthorized");
    bob.<Answers.Outcome>call(Opcode.PASSWORD_CHANGE, new Requests.User("bob", "new", "pw", List.of(), true));
    assertThat(login(connect(server), "bob", "pw").success()).isFalse();
    as(server, "bob", "new");
    admin.<Answers.Outcome>call(Opcode.PASSWORD_CHANGE, new Requests.User("eve", "newer", "", List.of(), true));
    as(server, "eve", "newer");
    assertThat(admin.refused(Opcode.PASSWORD_CHANGE, new Requests.User("zz", "new", "", List.of(), true))).isEqualTo("E2 user \"zz\" not found");
  }

  @Test
  void usersAreShownWithWhatTheyMayDo() {
    EmbeddedServer server = startWithUsers();
    FlyMqClient admin = as(server, "admin", "secret");
    create(admin, "bob", "producer", "consumer");
    Answers.User bob = admin.call(Opcode.USER_GET, new Requests.Name("bob"));
    assertThat(bob.permissions()).containsExactly("read", "write");
    assertThat(bob.createdAt()).isEqualTo(time.now().getEpochSecond());
    assertThat(admin.<Answers.Users>call(Opcode.USER_LIST, Message.EMPTY).users()).extracting(Answers.User::user).containsExactly("admin", "bob");
    assertThat(admin.<Answers.Roles>call(Opcode.ROLE_LIST, Message.EMPTY).roles()).extracting(Answers.Role::name)
        .containsExactly("admin", "producer", "consumer", "guest");
    assertThat(admin.refused(Opcode.USER_CREATE, new Requests.User("bob", "pw", "", List.of(), true))).isEqualTo("E2 user \"bob\" already exists");
    assertThat(admin.refused(Opcode.USER_CREATE, new Requests.User("", "pw", "", List.of(), true))).isEqualTo("E2 username and password are required");
    for (Requests.User absurd : List.of(
        new Requests.User("x".repeat(256), "pw", "", List.of(), true), new Requests.User("x", "pw", "", MANY, true))) {
      assertThat(admin.refused(Opcode.USER_CREATE, absurd)).startsWith("E2 too many names, or too long");
    }
    assertThat(admin.refused(Opcode.USER_UPDATE, new Requests.User("bob", "", "", MANY, true))).startsWith("E2 too many names");
    assertThat(admin.refused(Opcode.ACL_SET, new Requests.SetAcl("x".repeat(256), false, List.of(), List.of()))).startsWith("E2 invalid topic name");
    assertThat(admin.refused(Opcode.ACL_SET, new Requests.SetAcl("t", false, MANY, List.of()))).startsWith("E2 too many names");
    assertThat(admin.refused(Opcode.USER_GET, new Requests.Name("zz"))).isEqualTo("E2 user \"zz\" not found");
    assertThat(admin.refused(Opcode.USER_DELETE, new Requests.Name("admin"))).isEqualTo("E2 cannot delete your own account");
  }

  @ParameterizedTest
  @EnumSource(value = Opcode.class, names = {"USER_.*", "ACL_.*", "PASSWORD_CHANGE", "ROLE_LIST"}, mode = EnumSource.Mode.MATCH_ANY)
  void whereNobodyIsAskedThereIsNobodyToManage(Opcode opcode) {
    FlyMqClient client = connect(start());
    assertThat(client.refused(opcode, request(opcode))).isEqualTo("E2 authentication is not enabled");
    assertThat(login(client, "a", "b")).isEqualTo(new Answers.Identity(false, "", List.of(), "authentication is not enabled"));
    assertThat(client.<Answers.Identity>call(Opcode.WHOAMI, Message.EMPTY).success()).isFalse();
  }

  @Test
  void theTrailSaysWhoDidWhat() {
    EmbeddedServer server = startWithUsers();
    FlyMqClient admin = as(server, "admin", "secret");
    create(admin, "bob", "guest");
    FlyMqClient bob = as(server, "bob", "pw");
    login(bob, "bob", "wrong");
    bob.refused(Opcode.CREATE_TOPIC, new Requests.CreateTopic("x,\"y\"", 1));
    admin.<Answers.Done>call(Opcode.CREATE_TOPIC, new Requests.CreateTopic("t", 1));
    admin.<Answers.Done>call(Opcode.DELETE_TOPIC, new Requests.Name("t"));
    admin.<Answers.Outcome>call(Opcode.USER_DELETE, new Requests.Name("bob"));
    Answers.AuditEvents all = admin.call(Opcode.AUDIT_QUERY, ALL);
    List<String> told = new ArrayList<>();
    all.events().forEach(event -> told.add(event.type() + " " + event.user() + " " + event.resource() + " " + event.result()));
    assertThat(told)
        .containsExactly(
            "user.delete admin bob success",
            "topic.delete admin t success",
            "topic.create admin t success",
            "access.denied bob x,\"y\" denied",
            "auth.failure bob  failure",
            "auth.success bob  success",
            "user.create admin bob success",
            "auth.success admin  success");
    assertThat(all.events().get(0).node()).isEqualTo("node1");
    assertThat(all.events().get(0).clientIp()).isEqualTo("127.0.0.1");
    assertThat(found(admin, new Requests.AuditQuery(0, 0, List.of("auth.failure", "topic.create"), "", "", "", "", 0, 0))).isEqualTo("2 of 2");
    assertThat(found(admin, new Requests.AuditQuery(0, 0, List.of(), "bob", "", "", "", 0, 0))).isEqualTo("3 of 3");
    assertThat(found(admin, new Requests.AuditQuery(0, 0, List.of(), "", ",", "", "", 0, 0))).isEqualTo("1 of 1");
    assertThat(found(admin, new Requests.AuditQuery(0, 0, List.of(), "", "", "denied", "", 0, 0))).isEqualTo("1 of 1");
    assertThat(found(admin, new Requests.AuditQuery(0, 0, List.of(), "", "", "", "INVALID username", 0, 0))).isEqualTo("1 of 1");
    assertThat(found(admin, new Requests.AuditQuery(0, 0, List.of(), "", "", "", "", 3, 2))).isEqualTo("3 of 8, more");
    assertThat(found(admin, new Requests.AuditQuery(time.now().getEpochSecond() + 1, 0, List.of(), "", "", "", "", 0, 0))).isEqualTo("0 of 0");
    assertThat(found(admin, new Requests.AuditQuery(0, time.now().getEpochSecond() - 1, List.of(), "", "", "", "", 0, 0))).isEqualTo("0 of 0");
    for (int[] absurd : new int[][] {{-1, 0}, {0, -1}}) {
      assertThat(admin.refused(Opcode.AUDIT_QUERY, new Requests.AuditQuery(0, 0, List.of(), "", "", "", "", absurd[0], absurd[1])))
          .startsWith("E2 invalid audit query request");
    }
    Answers.AuditFile csv = admin.call(Opcode.AUDIT_EXPORT, new Requests.AuditExport(ALL, "csv"));
    assertThat(FlyMqClient.text(csv.data()))
        .startsWith("ID,Timestamp,Type,User,ClientIP,Resource,Action,Result,NodeID,Details\n")
        .contains(",access.denied,bob,127.0.0.1,\"x,\"\"y\"\"\",create_topic,denied,node1,\"{\"\"reason\"\":\"\"unauthorized\"\"}\"\n");
    Answers.AuditFile json = admin.call(Opcode.AUDIT_EXPORT, new Requests.AuditExport(ALL, "json"));
    assertThat(new JsonArray(FlyMqClient.text(json.data()))).hasSize(8);
  }

  private static String found(FlyMqClient client, Requests.AuditQuery query) {
    Answers.AuditEvents found = client.call(Opcode.AUDIT_QUERY, query);
    return found.events().size() + " of " + found.total() + (found.hasMore() ? ", more" : "");
  }
}
