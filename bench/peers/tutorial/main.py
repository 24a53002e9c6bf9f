"""The tutorial's service: FastAPI, SQLAlchemy, MariaDB, OAuth2 password flow with JWT.

The endpoints that the benchmark uses, built as the tutorial's part 5 builds them. Other than there: settings
come from the environment; each worker has a pool of database connections; handlers are `def`, not `async def`,
because with a blocking database driver that costs a third less processor time for each request; and what newer
versions of the libraries no longer accept is written in their present form.
"""
import os
import uuid
from datetime import datetime, timedelta, timezone
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, status
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from jose import JWTError, jwt
from passlib.context import CryptContext
from pydantic import BaseModel, ConfigDict
from sqlalchemy import CHAR, String, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

SECRET_KEY = os.environ["SECRET_KEY"]
ALGORITHM = "HS256"
ACCESS_TOKEN_EXPIRE_MINUTES = 30

engine = create_engine(os.environ["DATABASE_URL"], pool_size=int(os.environ["POOL_SIZE"]), max_overflow=0)
SessionLocal = sessionmaker(autoflush=False, bind=engine)
pwd_context = CryptContext(schemes=["bcrypt"], deprecated="auto")
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="token")
app = FastAPI()


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"
    user_id: Mapped[str] = mapped_column(CHAR(36), primary_key=True)
    username: Mapped[str] = mapped_column(String(255))
    hashed_password: Mapped[str] = mapped_column(String(255))


class Link(Base):
    __tablename__ = "link"
    link_id: Mapped[str] = mapped_column(CHAR(36), primary_key=True)
    link: Mapped[str] = mapped_column(String(255))


class Tag(Base):
    __tablename__ = "tag"
    tag_id: Mapped[str] = mapped_column(CHAR(36), primary_key=True)
    tag: Mapped[str] = mapped_column(String(255))


class TagLink(Base):
    __tablename__ = "taglink"
    tag_id: Mapped[str] = mapped_column(CHAR(36), primary_key=True)
    link_id: Mapped[str] = mapped_column(CHAR(36), primary_key=True)


class LinkOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    link_id: str
    link: str


class LinkCreate(BaseModel):
    link: str
    tag: str | None = None
    tag_id: str | None = None


class Token(BaseModel):
    access_token: str
    token_type: str
    expires: str


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


Database = Annotated[Session, Depends(get_db)]


def get_user(db, username):
    return db.query(User).filter(User.username == username).first()


def get_current_user(db: Database, token: Annotated[str, Depends(oauth2_scheme)]):
    credentials_exception = HTTPException(
        status.HTTP_401_UNAUTHORIZED, "Could not validate credentials", {"WWW-Authenticate": "Bearer"})
    try:
        username = jwt.decode(token, SECRET_KEY, algorithms=[ALGORITHM]).get("sub")
    except JWTError:
        raise credentials_exception
    user = get_user(db, username)
    if user is None:
        raise credentials_exception
    return user


CurrentUser = Annotated[User, Depends(get_current_user)]


@app.post("/token/", response_model=Token)
def login_for_access_token(form_data: Annotated[OAuth2PasswordRequestForm, Depends()], db: Database):
    user = get_user(db, form_data.username)
    if not user or not pwd_context.verify(form_data.password, user.hashed_password):
        raise HTTPException(
            status.HTTP_401_UNAUTHORIZED, "Incorrect username or password", {"WWW-Authenticate": "Bearer"})
    expires = datetime.now(timezone.utc) + timedelta(minutes=ACCESS_TOKEN_EXPIRE_MINUTES)
    access_token = jwt.encode({"sub": user.username, "exp": expires}, SECRET_KEY, algorithm=ALGORITHM)
    return {"access_token": access_token, "token_type": "bearer",
            "expires": expires.replace(tzinfo=None).isoformat()}


@app.get("/link/{link_id}", response_model=LinkOut)
def get_link(link_id: str, db: Database, _user: CurrentUser):
    link = db.query(Link).filter(Link.link_id == link_id).first()
    if link is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"Link with link_id {link_id} not found")
    return link


@app.get("/link/", response_model=list[LinkOut])
def get_links(db: Database, _user: CurrentUser, tag: str | None = None):
    query = db.query(Link)
    if tag is not None:
        query = query.join(TagLink, TagLink.link_id == Link.link_id).join(Tag, Tag.tag_id == TagLink.tag_id)
        query = query.filter(Tag.tag == tag)
    return query.all()


@app.post("/link/", response_model=LinkOut)
def create_link(link: LinkCreate, db: Database, _user: CurrentUser):
    if link.tag is None and link.tag_id is None:
        raise HTTPException(422, "One of tag_id or tag must be specified")
    by = Tag.tag_id == link.tag_id if link.tag_id is not None else Tag.tag == link.tag
    db_tag = db.query(Tag).filter(by).first()
    if db_tag is None and link.tag_id is not None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"Tag with tag_id {link.tag_id} not found")
    if db_tag is None:
        db_tag = Tag(tag_id=str(uuid.uuid4()), tag=link.tag)
        db.add(db_tag)
    db_link = Link(link_id=str(uuid.uuid4()), link=link.link)
    db.add(db_link)
    db.add(TagLink(tag_id=db_tag.tag_id, link_id=db_link.link_id))
    answer = LinkOut.model_validate(db_link)  # before the commit, after which it would be read again
    db.commit()
    return answer
