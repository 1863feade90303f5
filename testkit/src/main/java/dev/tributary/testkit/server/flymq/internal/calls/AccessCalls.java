package dev.tributary.testkit.server.flymq.internal.calls;

import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.flymq.internal.access.Access;
import dev.tributary.testkit.server.flymq.internal.access.AuditTrail.Deed;
import dev.tributary.testkit.server.flymq.internal.access.Role;
import dev.tributary.testkit.server.flymq.internal.calls.Operations.Call;
import dev.tributary.testkit.server.flymq.internal.calls.Operations.Operation;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;

/** Who somebody is, who there is, what they may do, and what they did. */
public final class AccessCalls {
  private final Access access;
  private final Audited audited;
  private final Executor workers;

  /** {@code workers} make and know passwords. */
  public AccessCalls(Access access, Audited audited, Executor workers) {
    this.access = access;
    this.audited = audited;
    this.workers = workers;
  }

  public void on(Operations operations) {
    operations
        .on(Opcode.AUTH, Requests.Login.class, this::login)
        .on(Opcode.WHOAMI, Message.class, now((nothing, call) -> access.who(call.client())))
        .on(Opcode.USER_CREATE, Requests.User.class, managed(this::create))
        .on(Opcode.USER_DELETE, Requests.Name.class, managed(now(this::delete)))
        .on(Opcode.USER_UPDATE, Requests.User.class, managed(now(this::update)))
        .on(Opcode.USER_LIST, Message.class, managed(now((nothing, call) -> new Answers.Users(access.users()))))
        .on(Opcode.USER_GET, Requests.Name.class, managed(now((request, call) -> access.user(request.name()))))
        .on(Opcode.PASSWORD_CHANGE, Requests.User.class, managed(this::changePassword))
        .on(Opcode.ROLE_LIST, Message.class, managed(now((nothing, call) -> new Answers.Roles(Role.all()))))
        .on(Opcode.ACL_SET, Requests.SetAcl.class, managed(now(this::setAcl)))
        .on(Opcode.ACL_GET, Requests.Name.class, managed(now((request, call) -> access.list(request.name()))))
        .on(Opcode.ACL_DELETE, Requests.Name.class, managed(now(this::deleteAcl)))
        .on(Opcode.ACL_LIST, Message.class, managed(now((nothing, call) -> access.lists())))
        .on(Opcode.AUDIT_QUERY, Requests.AuditQuery.class, now((query, call) -> audited.trail().query(query)))
        .on(
            Opcode.AUDIT_EXPORT,
            Requests.AuditExport.class,
            now((request, call) -> new Answers.AuditFile(request.format(), audited.trail().export(request.query(), request.format()))));
  }

  /** Only where there are users. */
  private <Q> Operation<Q> managed(Operation<Q> operation) {
    return (request, call) -> {
      access.requireOn();
      return operation.answer(request, call);
    };
  }

  private static <Q> Operation<Q> now(BiFunction<Q, Call, Message> answer) {
    return (request, call) -> CompletableFuture.completedFuture(answer.apply(request, call));
  }

  private CompletableFuture<Answers.Identity> login(Requests.Login request, Call call) {
    return Steps.map(
        access.login(call.client(), request, workers),
        identity -> {
          audited.loggedIn(request.user(), call.client(), identity.error());
          return identity;
        });
  }

  private CompletableFuture<Answers.User> create(Requests.User request, Call call) {
    return Steps.map(
        access.create(request, workers),
        user -> {
          audited.did(new Deed("user.create", request.user(), "create_user"), call);
          return user;
        });
  }

  private Message delete(Requests.Name request, Call call) {
    access.delete(call.client(), request.name());
    audited.did(new Deed("user.delete", request.name(), "delete_user"), call);
    return new Answers.Outcome(true, request.name());
  }

  private Message update(Requests.User request, Call call) {
    access.update(request);
    return new Answers.Outcome(true, request.user());
  }

  private CompletableFuture<Answers.Outcome> changePassword(Requests.User request, Call call) {
    return Steps.map(
        access.changePassword(call.client(), request, workers), changed -> new Answers.Outcome(true, request.user()));
  }

  private Message setAcl(Requests.SetAcl request, Call call) {
    access.set(request);
    return new Answers.AclDone(true, request.topic());
  }

  private Message deleteAcl(Requests.Name request, Call call) {
    access.open(request.name());
    return new Answers.AclDone(true, request.name());
  }
}
