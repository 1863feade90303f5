package dev.tributary.vertx.internal.flymq.wire;

import static dev.tributary.vertx.internal.flymq.wire.ErrorStyle.BARE;
import static dev.tributary.vertx.internal.flymq.wire.ErrorStyle.CODED;
import static dev.tributary.vertx.internal.flymq.wire.ErrorStyle.TEXT;
import static dev.tributary.vertx.internal.flymq.wire.Permission.ADMIN;
import static dev.tributary.vertx.internal.flymq.wire.Permission.LOGIN;
import static dev.tributary.vertx.internal.flymq.wire.Permission.NONE;
import static dev.tributary.vertx.internal.flymq.wire.Permission.READ;
import static dev.tributary.vertx.internal.flymq.wire.Permission.WRITE;

import dev.tributary.vertx.internal.flymq.wire.FrameReader.Kind;
import org.jspecify.annotations.Nullable;

/**
 * The operations that servers serve: their codes, what is asked and answered, who may ask, and how errors are written. Where the second
 * permission differs, it is what public servers ask for.
 */
public enum Opcode {
  PRODUCE(0x01, Requests.Produce::read, Answers.Produced::read, WRITE, WRITE, BARE),
  CONSUME(0x02, Requests.Consume::read, Answers.Consumed::read, READ, READ, BARE),
  CREATE_TOPIC(0x03, Requests.CreateTopic::read, Answers.Done::read, ADMIN, ADMIN, BARE),
  SUBSCRIBE(0x05, Requests.Subscribe::read, Answers.Offset::read, READ, READ, BARE),
  COMMIT(0x06, Requests.Commit::read, Answers.Done::read, READ, NONE, BARE),
  FETCH(0x07, Requests.Fetch::read, Answers.Fetched::read, READ, READ, BARE),
  LIST_TOPICS(0x08, Requests::nothing, Answers.Names::read, LOGIN, NONE, BARE),
  DELETE_TOPIC(0x09, Requests.Name::read, Answers.Done::read, ADMIN, ADMIN, BARE),
  CONSUME_ZERO_COPY(0x0A, Requests.Consume::read, Answers.Consumed::read, READ, READ, BARE),
  FETCH_BINARY(0x0B, Requests.Fetch::read, Answers.Fetched::read, READ, READ, BARE),

  REGISTER_SCHEMA(0x10, Requests.RegisterSchema::read, Answers.RegisteredSchema::read, WRITE, NONE, TEXT),
  GET_SCHEMA(0x11, Requests.SchemaVersion::read, Answers.Schema::read, READ, NONE, TEXT),
  LIST_SCHEMAS(0x12, Requests.Name::readAnything, Answers.Schemas::read, READ, NONE, TEXT),
  VALIDATE_SCHEMA(0x13, Requests.ValidateSchema::read, Answers.Validated::read, READ, NONE, TEXT),
  PRODUCE_WITH_SCHEMA(0x14, Requests.ProduceWithSchema::read, Answers.Produced::read, WRITE, NONE, BARE),
  DELETE_SCHEMA(0x15, Requests.SchemaVersion::read, Answers.Outcome::read, ADMIN, NONE, TEXT),

  FETCH_DLQ(0x20, Requests.FetchDeadLetters::read, Answers.DeadLetters::read, READ, NONE, BARE),
  REPLAY_DLQ(0x21, Requests.ReplayDeadLetter::read, Answers.Outcome::read, WRITE, NONE, BARE),
  PURGE_DLQ(0x22, Requests.Name::read, Answers.Outcome::read, ADMIN, NONE, BARE),

  PRODUCE_DELAYED(0x30, Requests.ProduceTimed::read, Answers.Produced::read, WRITE, NONE, BARE),
  PRODUCE_WITH_TTL(0x35, Requests.ProduceTimed::read, Answers.Produced::read, WRITE, NONE, BARE),

  TXN_BEGIN(0x40, Requests::nothing, Answers.Transaction::read, LOGIN, NONE, BARE),
  TXN_COMMIT(0x41, Requests.Name::read, Answers.Transaction::read, LOGIN, NONE, BARE),
  TXN_ROLLBACK(0x42, Requests.Name::read, Answers.Transaction::read, LOGIN, NONE, BARE),
  TXN_PRODUCE(0x43, Requests.ProduceInTransaction::read, Answers.Produced::read, WRITE, NONE, BARE),

  CLUSTER_METADATA(0x53, Requests.Name::readOptional, Answers.Cluster::read, READ, NONE, CODED),

  GET_OFFSET(0x60, Requests.GroupPartition::read, Answers.Offset::read, READ, READ, BARE),
  RESET_OFFSET(0x61, Requests.ResetOffset::read, Answers.Done::read, ADMIN, ADMIN, BARE),
  LIST_GROUPS(0x62, Requests::nothing, Answers.Groups::read, ADMIN, ADMIN, BARE),
  DESCRIBE_GROUP(0x63, Requests.Group::read, Answers.Group::read, ADMIN, ADMIN, BARE),
  GET_LAG(0x64, Requests.GroupPartition::read, Answers.Lag::read, READ, READ, BARE),
  DELETE_GROUP(0x65, Requests.Group::read, Answers.Done::read, ADMIN, ADMIN, BARE),

  AUTH(0x70, Requests.Login::read, Answers.Identity::read, NONE, NONE, CODED),
  WHOAMI(0x72, Requests::nothing, Answers.Identity::read, NONE, NONE, BARE),
  USER_CREATE(0x73, Requests.User::read, Answers.User::read, ADMIN, ADMIN, CODED),
  USER_DELETE(0x74, Requests.Name::read, Answers.Outcome::read, ADMIN, ADMIN, CODED),
  USER_UPDATE(0x75, Requests.User::read, Answers.Outcome::read, ADMIN, ADMIN, CODED),
  USER_LIST(0x76, Requests::nothing, Answers.Users::read, ADMIN, ADMIN, CODED),
  USER_GET(0x77, Requests.Name::read, Answers.User::read, ADMIN, ADMIN, CODED),
  ACL_SET(0x78, Requests.SetAcl::read, Answers.AclDone::read, ADMIN, ADMIN, CODED),
  ACL_GET(0x79, Requests.Name::read, Answers.Acl::read, ADMIN, ADMIN, CODED),
  ACL_DELETE(0x7A, Requests.Name::read, Answers.AclDone::read, ADMIN, ADMIN, CODED),
  ACL_LIST(0x7B, Requests::nothing, Answers.Acls::read, ADMIN, ADMIN, CODED),
  /** One's own needs the old one, and no permission. */
  PASSWORD_CHANGE(0x7C, Requests.User::read, Answers.Outcome::read, LOGIN, LOGIN, CODED),
  ROLE_LIST(0x7D, Requests::nothing, Answers.Roles::read, LOGIN, NONE, CODED),

  AUDIT_QUERY(0x80, Requests.AuditQuery::read, Answers.AuditEvents::read, ADMIN, ADMIN, CODED),
  AUDIT_EXPORT(0x81, Requests.AuditExport::read, Answers.AuditFile::read, ADMIN, ADMIN, CODED);

  private static final int LOGGED_IN = 0x71;
  private static final @Nullable Opcode[] BY_CODE = new @Nullable Opcode[0x100];

  static {
    for (Opcode opcode : values()) {
      BY_CODE[opcode.code] = opcode;
    }
  }

  private final int code;
  private final Kind<? extends Message> request;
  private final Kind<? extends Message> answer;
  private final Permission permission;
  private final Permission publicPermission;
  private final ErrorStyle errors;

  Opcode(
      int code,
      Kind<? extends Message> request,
      Kind<? extends Message> answer,
      Permission permission,
      Permission publicPermission,
      ErrorStyle errors) {
    this.code = code;
    this.request = request;
    this.answer = answer;
    this.permission = permission;
    this.publicPermission = publicPermission;
    this.errors = errors;
  }

  /** The operation of this code; null if it is served by nobody. */
  public static @Nullable Opcode of(int code) {
    return BY_CODE[code];
  }

  public int code() {
    return code;
  }

  /** What an answer has that is no error. */
  public int answerCode() {
    return this == AUTH ? LOGGED_IN : code;
  }

  /** Whether it has to do with users, or with what they may do: public servers that ask nobody who they are go down of it. */
  public boolean managesUsers() {
    return switch (this) {
      case USER_CREATE, USER_DELETE, USER_UPDATE, USER_LIST, USER_GET, ACL_SET, ACL_GET, ACL_DELETE, ACL_LIST, PASSWORD_CHANGE, ROLE_LIST -> true;
      default -> false;
    };
  }

  public Permission permission() {
    return permission;
  }

  /** What public servers ask for, which is less. */
  public Permission publicPermission() {
    return publicPermission;
  }

  /** How errors are written. */
  public ErrorStyle errors() {
    return errors;
  }

  /** How it is said that the request makes no sense: bare, where no other style has a code for it. */
  public ErrorStyle malformed() {
    return errors == CODED ? CODED : BARE;
  }

  /** What {@link Malformed} has before it when it is said. */
  public String malformedPrefix() {
    return switch (this) {
      case AUTH -> "invalid auth request: ";
      case AUDIT_QUERY -> "invalid audit query request: ";
      case AUDIT_EXPORT -> "invalid audit export request: ";
      default -> code > AUTH.code ? "invalid request: " : "";
    };
  }

  /** Reads a request. */
  public Message request(Frame frame) throws Malformed {
    return request.read(FrameReader.ofRequest(frame.payload()));
  }

  /** Reads an answer that is no error. */
  public Message answer(Frame frame) throws Malformed {
    return answer.read(FrameReader.ofAnswer(frame.payload()));
  }
}
