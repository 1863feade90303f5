package dev.tributary.vertx;

import dev.tributary.access.Access;
import dev.tributary.access.Acl;
import dev.tributary.access.Identity;
import dev.tributary.access.Role;
import dev.tributary.access.User;
import dev.tributary.config.Credentials.UserPassword;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@link Access} for verticles; see {@link VertxTributary}. */
public final class VertxAccess {
  private final Contexts contexts;
  private final Access access;

  VertxAccess(Contexts contexts, Access access) {
    this.contexts = contexts;
    this.access = access;
  }

  /** See {@link Access#whoAmI}. */
  public Future<Optional<Identity>> whoAmI() {
    return contexts.future(access.whoAmI());
  }

  /** See {@link Access#roles}. */
  public Future<List<Role>> roles() {
    return contexts.future(access.roles());
  }

  /** See {@link Access#createUser}. */
  public Future<User> createUser(UserPassword user, Set<String> roles) {
    return contexts.future(access.createUser(user, roles));
  }

  /** See {@link Access#user}. */
  public Future<User> user(String name) {
    return contexts.future(access.user(name));
  }

  /** See {@link Access#users}. */
  public Future<List<User>> users() {
    return contexts.future(access.users());
  }

  /** See {@link Access#updateUser}. */
  public Future<User> updateUser(User user) {
    return contexts.future(access.updateUser(user));
  }

  /** See {@link Access#deleteUser}. */
  public Future<Void> deleteUser(String name) {
    return contexts.future(access.deleteUser(name));
  }

  /** See {@link Access#changePassword}. */
  public Future<Void> changePassword(String current, String next) {
    return contexts.future(access.changePassword(current, next));
  }

  /** See {@link Access#setPassword}. */
  public Future<Void> setPassword(UserPassword user) {
    return contexts.future(access.setPassword(user));
  }

  /** See {@link Access#setAcl}. */
  public Future<Void> setAcl(Acl acl) {
    return contexts.future(access.setAcl(acl));
  }

  /** See {@link Access#acl}. */
  public Future<Optional<Acl>> acl(String resource) {
    return contexts.future(access.acl(resource));
  }

  /** See {@link Access#acls}. */
  public Future<List<Acl>> acls() {
    return contexts.future(access.acls());
  }

  /** See {@link Access#deleteAcl}. */
  public Future<Void> deleteAcl(String resource) {
    return contexts.future(access.deleteAcl(resource));
  }

  /** See {@link Access#audit}. */
  public VertxAudit audit() {
    return new VertxAudit(contexts, access.audit());
  }
}
