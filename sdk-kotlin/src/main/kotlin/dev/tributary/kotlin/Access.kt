package dev.tributary.kotlin

import dev.tributary.access.Acl
import dev.tributary.access.Identity
import dev.tributary.access.Role
import dev.tributary.access.User
import dev.tributary.config.Credentials.UserPassword
import kotlinx.coroutines.future.await
import dev.tributary.access.Access as JavaAccess

/** The same users for coroutines. */
public fun JavaAccess.asKotlin(): Access = Access(this)

/**
 * Users, what they may do, and what they did. All but [whoAmI] and [changePassword] may need `Permission.ADMIN`. Where the backend asks
 * nobody who they are, calls fail with `UnsupportedFeatureException`; where the client has no user and password, with
 * `UnauthenticatedException`, before anything is sent. Names of users and roles have 1 to 255 characters, passwords 1 to 1,000.
 * Cancellation is described at [Tributary].
 */
public class Access internal constructor(
  /** The Java users. */
  public val java: JavaAccess,
) {
  /** Whom the backend takes this client for; null if it does not know. */
  public suspend fun whoAmI(): Identity? = java.whoAmI().await().orElse(null)

  /** The roles that there are. */
  public suspend fun roles(): List<Role> = java.roles().await()

  /** Makes a user; fails with `AlreadyExistsException` if there is one of this name. */
  public suspend fun createUser(user: UserPassword, roles: Set<String> = emptySet()): User = java.createUser(user, roles).await()

  /** A user; fails with `NotFoundException` if there is none. */
  public suspend fun user(name: String): User = java.user(name).await()

  /** All users, by name. */
  public suspend fun users(): List<User> = java.users().await()

  /**
   * Has a user these roles and no others, and lets it in or not, which counts at once, also for connections that it has.
   *
   * @return what the user is now; fails with `NotFoundException` if there is none
   */
  public suspend fun updateUser(user: User): User = java.updateUser(user).await()

  /** Deletes a user; fails with `NotFoundException` if there is none, and with `InvalidRequestException` for one's own. */
  public suspend fun deleteUser(name: String) {
    java.deleteUser(name).await()
  }

  /**
   * Changes this client's own password; fails with `UnauthenticatedException` if [current] is not the one it has. The client goes on with
   * what it was configured with: give it a provider of credentials that knows the new one.
   */
  public suspend fun changePassword(current: String, next: String) {
    java.changePassword(current, next).await()
  }

  /** Gives another user a password, as an administrator; fails with `NotFoundException` if there is none of this name. */
  public suspend fun setPassword(user: UserPassword) {
    java.setPassword(user).await()
  }

  /** Sets who may use a resource, in place of what was set before; the resource need not be there. */
  public suspend fun setAcl(acl: Acl) {
    java.setAcl(acl).await()
  }

  /** Who may use a resource; null if nobody said so: then the backend has a rule for all such resources. */
  public suspend fun acl(resource: String): Acl? = java.acl(resource).await().orElse(null)

  /** All that are set, by resource. */
  public suspend fun acls(): List<Acl> = java.acls().await()

  /** Has a resource none any more; none is no error. */
  public suspend fun deleteAcl(resource: String) {
    java.deleteAcl(resource).await()
  }

  /** Who did what. */
  public val audit: Audit
    get() = Audit(java.audit())
}
